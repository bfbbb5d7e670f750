import type { OpenConnection } from './connection.ts'
import { openDocker } from './docker.ts'
import { openLocal } from './local.ts'
import type { SshOptions } from './ssh-line.ts'

/** Opens connections of every type; those over SSH share what was asked for and the hosts that are jumped over. */
export function connectionOpener(options: SshOptions = {}): OpenConnection {
  let ssh: Promise<OpenConnection> | undefined
  return async (target, signal) => {
    switch (target.type) {
      case 'ssh': {
        // many runs reach no host, and to load it takes a third of their time
        ssh ??= import('./ssh.ts').then(({ sshOpener }) => sshOpener(options))
        const openSsh = await ssh
        return openSsh(target, signal)
      }
      case 'local':
        return openLocal(target, signal)
      case 'docker':
        return openDocker(target, signal)
      default:
        return target.type satisfies never
    }
  }
}

/** `connectionOpener` for a single connection, with nobody to ask. */
export const openConnection: OpenConnection = (target, signal) => connectionOpener()(target, signal)
