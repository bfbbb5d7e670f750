import type { OpenConnection } from './connection.ts'
import { FramedConnection } from './framed.ts'
import { spawnChannel } from './local.ts'

/** A container, by name, through the `docker` program here. Any user can be had without sudo. */
export const openDocker: OpenConnection = async target => {
  const stats = { roundTrips: 1, bytesSent: 0, bytesReceived: 0 }
  const shell = target.shell ?? '/bin/sh'
  const args = (command: string, user: string | undefined) => {
    const as = user === undefined ? [] : ['--user', user]
    return ['exec', '-i', ...as, '--', target.address, shell, '-c', command]
  }
  return new FramedConnection({
    host: target.host,
    shell,
    user: target.user,
    choosesUser: true,
    startTimeoutMs: Math.max(target.connectTimeoutMs, 10_000),
    openChannel: spawnChannel(
      (command, user = target.user) => ({ file: 'docker', args: args(command, user), environment: process.env }),
      stats,
    ),
    closeLine: async () => {},
    stats,
  })
}
