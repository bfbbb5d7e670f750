import { ConnectionError, type ConnectionTarget } from './connection.ts'
import type { SshSettings } from './ssh-config.ts'

/** Why no TCP connection came about, and what to do. */
export function explainSocket(
  target: ConnectionTarget,
  settings: SshSettings,
  error: { readonly code?: string; readonly message?: string },
  limitMs: number,
): ConnectionError {
  const place = `${settings.hostName}:${settings.port}`
  const [message, hint] = socketWords(error, place, limitMs)
  return new ConnectionError('unreachable', `${target.host}: ${message}`, { hint, cause: error })
}

function socketWords(
  error: { readonly code?: string; readonly message?: string },
  place: string,
  limitMs: number,
): [message: string, hint: string] {
  switch (error.code) {
    case 'ECONNREFUSED':
      return [`${place} refused the connection`, 'is sshd running there, and is the port right (`ansible_port`)?']
    case 'ETIMEDOUT':
      return [
        `${place} did not answer within ${limitMs / 1000} s`,
        'is the server up, the address right, and the port open in its firewall? More patience: --timeout',
      ]
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [`the name ${place.replace(/:\d+$/, '')} is not known`, 'correct it, or set `ansible_host` to its address']
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return [`there is no way to ${place}`, 'is the server up, and this machine in the right network?']
    default:
      return [
        `no connection to ${place}: ${error.message || error.code || 'no reason given'}`,
        'see whether `ssh` reaches it',
      ]
  }
}

/** Why the login failed, and what to do. `tried` says which keys were shown. */
export function explainLogin(
  target: ConnectionTarget,
  settings: SshSettings,
  error: unknown,
  tried: readonly string[],
): ConnectionError {
  const { host } = target
  const words = error instanceof Error ? error.message : String(error)
  const level = error instanceof Error && 'level' in error ? error.level : undefined
  if (level === 'client-authentication') {
    const what = tried.length === 0 ? 'there was no key and no password to show' : `tried: ${tried.join(', ')}`
    return new ConnectionError('unreachable', `${host} refused the login as ${settings.user} (${what})`, {
      hint: 'name a key that it knows with --private-key, add one to ssh-agent, or log in as another user with -u',
      cause: error,
    })
  }
  if (/no matching/i.test(words)) {
    return new ConnectionError(
      'unreachable',
      `${host} and this program have no way of encryption in common: ${words}`,
      {
        hint: 'the server is very old, or offers certificates only',
        cause: error,
      },
    )
  }
  return new ConnectionError('unreachable', `${host} ended the login: ${words}`, {
    hint: 'see the log of sshd there (too many logins at once? MaxStartups)',
    cause: error,
  })
}
