import type { OpenConnection } from '../connection/connection.ts'
import { connectionOpener as opener } from '../connection/open.ts'
import { keeping, keepTimeMs } from './keep-connections.ts'
import { ask } from './prompt.ts'

/** Opens connections of every type; passphrases of keys are asked for once. `held` lets a live view step back while a question stands. */
export function connectionOpener(
  warn: (message: string) => void,
  held: <T>(question: () => Promise<T>) => Promise<T> = question => question(),
): OpenConnection {
  const open = opener({
    warn,
    // without a terminal the key is passed over, as one whose passphrase nobody gives
    askPassphrase: async file =>
      process.stdin.isTTY ? held(() => ask(`Enter passphrase for key '${file}': `, { secret: true })) : undefined,
  })
  const keepMs = keepTimeMs()
  if (keepMs === undefined) return open
  let kept: Promise<OpenConnection> | undefined
  return async (target, signal) => {
    kept ??= keeping(keepMs, open, warn)
    return (await kept)(target, signal)
  }
}
