import { quote } from './sh.ts'

/** How a command is run as another user. */
export interface BecomeCommand {
  readonly method: 'sudo' | 'su' | 'doas'
  readonly user: string
  readonly flags?: string
  readonly exe?: string
}

/**
 * The line that runs `command` (a line too) as another user. With a prompt, the password is read from stdin after it
 * was printed on stderr; without, the program must do without or fail at once.
 */
export function becomeLine(become: BecomeCommand, command: string, prompt: string | undefined): string {
  const exe = become.exe ?? become.method
  const user = quote(become.user)
  switch (become.method) {
    case 'sudo': {
      const ask = prompt === undefined ? '-n' : `-S -p ${quote(prompt)}`
      return `${exe} ${become.flags ?? '-H'} ${ask} -u ${user} -- ${command}`
    }
    case 'su':
      return `env LC_ALL=C ${exe} ${become.flags ?? ''} ${user} -s /bin/sh -c ${quote(`exec ${command}`)}`
    case 'doas':
      return `${exe} ${become.flags ?? ''} -n -u ${user} -- ${command}`
    default:
      return become.method satisfies never
  }
}

/** What the program prints when it wants the password. doas asks on a terminal only, which a connection does not have. */
export function promptOf(become: BecomeCommand, nonce: string): string | undefined {
  if (become.method === 'sudo') return `mlops-password-${nonce}:`
  return become.method === 'su' ? 'Password: ' : undefined
}
