import { constants } from 'node:os'
import type { Client, ClientChannel } from 'ssh2'
import { channelOf, type OpenChannel, signalStatus } from './channel.ts'
import { type Connection, ConnectionError, type ConnectionTarget, type OpenConnection } from './connection.ts'
import { FramedConnection } from './framed.ts'
import { type SshLine, SshLines, type SshOptions } from './ssh-line.ts'

/** Opens connections over SSH that share what was asked for and the hosts that are jumped over. */
export function sshOpener(options: SshOptions = {}): OpenConnection {
  const lines = new SshLines(options)
  return async (target, signal) => sshConnection(target, await lines.open(target, signal))
}

/** One connection over SSH, with the files and the agent of the user and nobody to ask. */
export const openSsh: OpenConnection = (target, signal) => sshOpener()(target, signal)

function sshConnection(target: ConnectionTarget, line: SshLine): Connection {
  const stats = { roundTrips: 1, bytesSent: 0, bytesReceived: 0 }
  return new FramedConnection({
    host: target.host,
    shell: target.shell ?? '/bin/sh',
    user: line.user,
    startTimeoutMs: Math.max(target.connectTimeoutMs, 10_000),
    openChannel: execChannel(target.host, line.client, target.connectTimeoutMs, stats),
    closeLine: () => line.close(),
    stats,
  })
}

/** Starts commands on a line, each in a channel of its own. */
export function execChannel(
  host: string,
  client: Client,
  timeoutMs: number,
  stats: { bytesSent: number; bytesReceived: number },
): OpenChannel {
  return (command, listener) =>
    new Promise((resolve, reject) => {
      let isOver = false
      const lost = (why: string, cause?: unknown) => {
        isOver = true
        clearTimeout(timer)
        reject(new ConnectionError('lost', `the line to ${host} was lost: ${why}`, { cause }))
      }
      const late = (ms: number) => setTimeout(() => lost(`no channel within ${ms / 1000} s`), ms)
      let timer = late(timeoutMs)
      let isWaiting = false
      const opened = (error: Error | undefined, stream: ClientChannel) => {
        if (isOver) return stream?.close()
        // the server takes so many at a time: another one may close
        if (error && isRefused(error)) {
          if (!isWaiting) {
            clearTimeout(timer)
            timer = late(Math.max(timeoutMs, LONGEST_WAIT_MS))
          }
          isWaiting = true
          setTimeout(open, RETRY_MS)
          return
        }
        if (error) return lost(error.message, error)
        clearTimeout(timer)
        const streams = { stdin: stream, stdout: stream, stderr: stream.stderr, destroy: () => stream.close() }
        const { channel, exited, closed } = channelOf(streams, listener, stats)
        stream.on('exit', (code: number | null, signal?: string) =>
          exited(code ?? signalStatus(signal ?? '', constants.signals)),
        )
        stream.on('close', closed)
        resolve(channel)
      }
      const open = () => {
        if (isOver) return
        try {
          client.exec(command, opened)
        } catch (error) {
          lost(error instanceof Error ? error.message : String(error), error)
        }
      }
      open()
    })
}

/** The server said no to one more session (RFC 4254, section 5.1: a failure with a reason); the line itself is well. */
function isRefused(error: Error): boolean {
  return 'reason' in error && typeof error.reason === 'number'
}

const RETRY_MS = 100
const LONGEST_WAIT_MS = 60_000
