import { type Become, ConnectionError } from './connection.ts'

/** The error for a shell of another user that did not start. `said` is what the program printed. */
export function becomeRefused(become: Become, host: string, said: string): ConnectionError {
  const { method, user } = become
  const words = said
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(-3)
    .join(' ')
    .trim()
  const case_ = CASES.find(([pattern]) => pattern.test(said))
  if (case_ === undefined)
    return new ConnectionError('become', `${method} to ${user} on ${host} failed: ${words || 'no answer'}`)
  const [, message, hint] = case_
  const text = message.replace('METHOD', method).replace('USER', user).replace('HOST', host)
  return new ConnectionError('become', words === '' ? text : `${text} (${words})`, { hint })
}

/** The error for a password that was not taken. */
export function wrongPassword(become: Become, host: string): ConnectionError {
  return new ConnectionError('become', `${become.method} on ${host} refused the password`, { hint: ASK })
}

const ASK = 'give the right one with -K (--ask-become-pass) or `ansible_become_password`'

const CASES: readonly (readonly [RegExp, message: string, hint: string])[] = [
  [/incorrect password|Authentication failure|Sorry, try again/i, 'METHOD on HOST refused the password', ASK],
  [
    /must have a tty/,
    'METHOD on HOST works on terminals only',
    'remove `requiretty` from its sudoers: there is no terminal on a connection',
  ],
  [/password is required|Authentication required/i, 'METHOD on HOST asks for a password', ASK],
  [
    /not in the sudoers file|not allowed to|may not run|Operation not permitted/i,
    'the login user may not become USER with METHOD on HOST',
    'allow it there (visudo), or log in as another user',
  ],
  [
    /unknown user|unable to find user|does not exist|no such user|invalid user|user .* not found/i,
    'HOST has no user USER',
    'make the user first, or correct `become_user`',
  ],
  [/not found|No such file/i, 'HOST has no METHOD', 'install it there, or set `become_method`'],
]
