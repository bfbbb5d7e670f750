import { existsSync } from 'node:fs'
import type { Position } from '../errors.ts'
import { load } from '../source/load.ts'
import { at, type Entry, type SourceNode } from '../source/node.ts'

/** Where a key stands in an `mlops.yml` that was read before; undefined: nowhere. It is for errors: the file is read again. */
export function placeIn(file: string | undefined, path: readonly string[]): Position | undefined {
  const root = rootOf(file)
  return root && entryAt(root, path)?.key.at
}

/** Where `mlops.yml` says that a model is served. */
export function placeOfServed(file: string, model: string): Position | undefined {
  const root = rootOf(file)
  const served = root && at(root, ['vars', 'served_models'])
  return served?.kind === 'seq'
    ? served.items.find(item => item.kind === 'scalar' && String(item.value) === model)?.at
    : undefined
}

function rootOf(file: string | undefined): SourceNode | undefined {
  return file !== undefined && existsSync(file) ? load(file).root : undefined
}

function entryAt(root: SourceNode, path: readonly string[]): Entry | undefined {
  const map = at(root, path.slice(0, -1))
  return map?.kind === 'map' ? map.entry(path.at(-1) ?? '') : undefined
}
