import { createHash } from 'node:crypto'
import type { Files } from './files.ts'

/** The identity of a set of files: the first 12 digits of the SHA-256 of their names and contents. */
export function idOf(files: Files, names: readonly string[]): string {
  const hash = createHash('sha256')
  for (const name of [...names].sort()) {
    const bytes = files.get(name) ?? Buffer.alloc(0)
    hash.update(`${name}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex').slice(0, 12)
}
