import { statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { textOf } from '../bytes.ts'
import { readPlain } from '../vault/keyring.ts'

/** The first of the names that is a file: in a folder of the search path, or in its `templates`. */
export function findTemplate(
  names: readonly string[],
  searchPath: readonly string[],
): { readonly path: string; readonly text: string } | undefined {
  for (const name of names) {
    const path = findFile(name, 'templates', searchPath)
    if (path !== undefined) return { path, text: textOf(readPlain(path)) }
  }
  return undefined
}

/** The path of a file, searched in each folder's `kind` (`files`, `templates`, …), then in the folder itself. */
export function findFile(name: string, kind: string, searchPath: readonly string[]): string | undefined {
  return candidates(name, kind, searchPath).find(path => statSync(path, { throwIfNoEntry: false })?.isFile())
}

/** All paths where `findFile` looks, in its order. */
export function candidates(name: string, kind: string, searchPath: readonly string[]): string[] {
  if (isAbsolute(name)) return [name]
  if (searchPath.length === 0) return [resolve(name)]
  return searchPath.flatMap(folder => [join(folder, kind, name), join(folder, name)])
}
