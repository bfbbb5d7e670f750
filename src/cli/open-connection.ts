import type { OpenConnection } from '../connection/connection.ts'
import { connectionOpener as opener } from '../connection/open.ts'
import { ask } from './prompt.ts'

/** Opens connections of every type; passphrases of keys are asked for once. `held` lets a live view step back while a question stands. */
export function connectionOpener(
  warn: (message: string) => void,
  held: <T>(question: () => Promise<T>) => Promise<T> = question => question(),
): OpenConnection {
  return opener({
    warn,
    askPassphrase: file => held(() => ask(`Enter passphrase for key '${file}': `, { secret: true })),
  })
}
