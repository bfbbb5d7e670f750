import { type Script, script, sh } from '../../shell/sh.ts'
import { type Attributes, type Loose, setAttributes, type WantedAttributes } from './attributes.ts'

/** More names than this do not go on one command line. */
export const BATCH = 400

/** Attributes that are set for many files with one command. */
export class AttributeGroups {
  readonly #groups = new Map<string, { readonly set: (targets: Script) => Script | undefined; paths: string[] }>()

  add(path: string, wanted: Loose<WantedAttributes>, from?: Partial<Attributes>): void {
    const set = (targets: Script) => setAttributes(targets, wanted, from)
    const key = set(script('FILES'))?.text
    if (key === undefined) return
    const group = this.#groups.get(key) ?? { set, paths: [] }
    this.#groups.set(key, group)
    group.paths.push(path)
  }

  scripts(): Script[] {
    return [...this.#groups.values()].flatMap(({ set, paths }) => batches(paths).map(some => orExit(set(sh`${some}`))))
  }
}

/** Names for several command lines. */
export function batches(names: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(names.length / BATCH) }, (_, i) => names.slice(i * BATCH, (i + 1) * BATCH))
}

/** Ends the script where the commands fail. */
export function orExit(commands: Script | undefined): Script {
  return commands === undefined ? script(':') : sh`{ ${commands}; } || exit`
}
