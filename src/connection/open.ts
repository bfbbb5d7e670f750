import type { OpenConnection } from './connection.ts'
import type { SshOptions } from './ssh-line.ts'

/**
 * Opens connections of every type; those over SSH share what was asked for and the hosts that are jumped over. Each type is loaded
 * when it is needed: many runs reach no host, and to load SSH would take a third of their time.
 */
export function connectionOpener(options: SshOptions = {}): OpenConnection {
  let ssh: Promise<OpenConnection> | undefined
  return async (target, signal) => {
    switch (target.type) {
      case 'ssh': {
        ssh ??= import('./ssh.ts').then(({ sshOpener }) => sshOpener(options))
        const openSsh = await ssh
        return openSsh(target, signal)
      }
      case 'local': {
        const { openLocal } = await import('./local.ts')
        return openLocal(target, signal)
      }
      case 'docker': {
        const { openDocker } = await import('./docker.ts')
        return openDocker(target, signal)
      }
      default:
        return target.type satisfies never
    }
  }
}

/** `connectionOpener` for a single connection, with nobody to ask. */
export const openConnection: OpenConnection = (target, signal) => connectionOpener()(target, signal)
