import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { channelOf, type OpenChannel, signalStatus } from './channel.ts'
import { type Connection, ConnectionError, type ConnectionTarget, type OpenConnection, ownName } from './connection.ts'
import { FramedConnection } from './framed.ts'

/** This machine, through the same frames as any other. */
export const openLocal: OpenConnection = async target => localConnection(target)

/** A connection to this machine for tests of modules and the like: `const host = localConnection()`. */
export function localConnection(target: Partial<ConnectionTarget> & { readonly path?: string } = {}): Connection {
  const stats = { roundTrips: 0, bytesSent: 0, bytesReceived: 0 }
  const shell = target.shell ?? '/bin/sh'
  const environment = target.path === undefined ? process.env : { ...process.env, PATH: target.path }
  return new FramedConnection({
    host: target.host ?? 'localhost',
    shell,
    user: ownName(),
    startTimeoutMs: target.connectTimeoutMs ?? 10_000,
    openChannel: spawnChannel(command => ({ file: shell, args: ['-c', command], environment }), stats),
    closeLine: async () => {},
    stats,
  })
}

interface Spawned {
  readonly file: string
  readonly args: readonly string[]
  readonly environment: NodeJS.ProcessEnv
}

/** Starts commands as processes here, each in a session of its own: its guard ends its whole group. */
export function spawnChannel(
  how: (command: string, user: string | undefined) => Spawned,
  stats: { bytesSent: number; bytesReceived: number },
): OpenChannel {
  return (command, listener, user) =>
    new Promise((resolve, reject) => {
      const { file, args, environment } = how(command, user)
      const child = spawn(file, args, { detached: true, stdio: 'pipe', env: environment })
      const { channel, exited, closed } = channelOf(
        {
          stdin: child.stdin,
          stdout: child.stdout,
          stderr: child.stderr,
          destroy: () => {
            for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
          },
        },
        listener,
        stats,
      )
      child.on('spawn', () => resolve(channel))
      child.on('error', error => {
        reject(new ConnectionError('unreachable', `${file} cannot be started here: ${error.message}`, { cause: error }))
        closed()
      })
      child.on('exit', (code, signal) => exited(code ?? signalStatus(signal ?? '', constants.signals)))
      child.on('close', closed)
    })
}
