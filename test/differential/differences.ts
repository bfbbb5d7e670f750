import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const guide = readFileSync(join(import.meta.dirname, '../../docs/guide/differences.md'), 'utf8')

/** The cases that `docs/guide/differences.md` lists, in backquotes at the beginning of a row of a table, with the reason. */
export const differences: ReadonlyMap<string, string> = new Map(
  [...guide.matchAll(/^\| `(.+?)` \| (.+?) \|$/gm)].map(([, name = '', reason = '']) => [name, reason]),
)

/**
 * What the rows below "Modules" list: keys of a module (`copy: md5sum`; a row has them as `copy: md5sum, src`),
 * whole tasks (`copy: 13 copy`), or paths (`file: /srv/file/x`).
 */
export const moduleDifferences: ReadonlySet<string> = new Set(
  [...(guide.split('\n## Modules\n')[1]?.split('\n## ')[0] ?? '').matchAll(/^\| (`.+?`) \| .+ \|$/gm)]
    .flatMap(([, cell = '']) => [...cell.matchAll(/`(.+?)`/g)].map(([, name = '']) => name))
    .flatMap(name => {
      const [head = '', ...rest] = name.split(': ')
      return rest
        .join(': ')
        .split(', ')
        .map(key => `${head}: ${key}`)
    }),
)
