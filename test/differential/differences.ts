import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The cases that `docs/guide/differences.md` lists, in backquotes at the beginning of a row of a table, with the reason. */
export const differences: ReadonlyMap<string, string> = new Map(
  [
    ...readFileSync(join(import.meta.dirname, '../../docs/guide/differences.md'), 'utf8').matchAll(
      /^\| `(.+?)` \| (.+?) \|$/gm,
    ),
  ].map(([, name = '', reason = '']) => [name, reason]),
)
