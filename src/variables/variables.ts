import type { Position } from '../errors.ts'
import type { Host } from '../inventory/inventory.ts'
import type { Scope } from '../template/template.ts'
import { asWritten, isPlainDict, mergeHashes } from './merge.ts'

/** Variables of one origin. `open`: people wrote them, so strings may be templates; what hosts said is never opened. */
export interface Layer {
  readonly level: Level
  readonly origin: string
  readonly vars: Readonly<Record<string, unknown>>
  readonly open: boolean
  readonly at?: ((name: string) => Position | undefined) | undefined
}

/** Ansible's order of precedence, lowest first. */
export const levels = [
  'role defaults',
  'inventory',
  'facts',
  'play vars',
  'vars_prompt',
  'vars_files',
  'role vars',
  'block and task vars',
  'include_vars',
  'set_fact and register',
  'role params',
  'include params',
  'loop',
  'extra vars',
  'magic',
] as const

export type Level = (typeof levels)[number]

const rank = new Map<Level, number>(levels.map((level, i) => [level, i]))

/** Layers ordered so that the first that has a name wins. Within a level, a later layer wins. */
export function byPrecedence(layers: readonly Layer[]): readonly Layer[] {
  const ordered: Layer[] = []
  const ranks: number[] = []
  // few layers, nearly in order: from the last one on, each goes behind those that win
  for (let i = layers.length - 1; i >= 0; i--) {
    const layer = layers[i]
    if (layer === undefined) continue
    const own = rank.get(layer.level) ?? 0
    let at = ordered.length
    while (at > 0 && (ranks[at - 1] ?? 0) < own) at--
    ordered.splice(at, 0, layer)
    ranks.splice(at, 0, own)
  }
  return ordered
}

/** A layer over data that people wrote. */
export function written(
  level: Level,
  origin: string,
  vars: Readonly<Record<string, unknown>>,
  at?: Layer['at'],
): Layer {
  return { level, origin, vars, open: true, at }
}

/** A layer over data that a host or the tool itself gave. */
export function given(level: Level, origin: string, vars: Readonly<Record<string, unknown>>): Layer {
  return { level, origin, vars, open: false }
}

/** The layers of the inventory for a host, in their order. */
export function inventoryLayers(host: Host): Layer[] {
  return host.layers.map(layer => written('inventory', layer.origin, layer.vars, layer.at))
}

/** Facts as `ansible_facts` and as `ansible_NAME`; those in `bare` (`getent_passwd`, `services`) as they are. Both are read live. */
export function factsLayer(facts: Readonly<Record<string, unknown>>, bare: ReadonlySet<string> = new Set()): Layer {
  const vars = new Proxy<Record<string, unknown>>(
    {},
    {
      get: (_, name) => (typeof name === 'string' ? fact(facts, bare, name) : undefined),
      has: (_, name) => typeof name === 'string' && fact(facts, bare, name) !== undefined,
      ownKeys: () => ['ansible_facts', ...Object.keys(facts).map(name => (bare.has(name) ? name : injected(name)))],
      getOwnPropertyDescriptor: (_, name) => {
        const value = typeof name === 'string' ? fact(facts, bare, name) : undefined
        return value === undefined ? undefined : { value, enumerable: true, configurable: true, writable: false }
      },
    },
  )
  return given('facts', 'facts', vars)
}

function fact(facts: Readonly<Record<string, unknown>>, bare: ReadonlySet<string>, name: string): unknown {
  if (name === 'ansible_facts') return facts
  if (bare.has(name) && Object.hasOwn(facts, name)) return facts[name]
  if (!name.startsWith('ansible_')) return undefined
  const short = name.slice('ansible_'.length)
  if (Object.hasOwn(facts, short) && !bare.has(short)) return facts[short]
  // facts such as ansible_local keep their name inside ansible_facts
  return Object.hasOwn(facts, name) ? facts[name] : undefined
}

function injected(name: string): string {
  return name.startsWith('ansible_') ? name : `ansible_${name}`
}

/** What becomes of a dictionary that several layers set. */
export type HashBehaviour = 'replace' | 'merge'

function mergeable({ level, vars }: Layer, name: string): boolean {
  return level !== 'magic' && level !== 'facts' && isPlainDict(vars[name])
}

function writtenOf(value: unknown, open: boolean): unknown {
  return open ? value : asWritten(value)
}

type Made = Readonly<Record<string, () => unknown>>

/**
 * The scope of a list of layers, first one wins. A list that is made by a function is made when a name is first asked for. `made` has
 * names whose values are made when they are read, and which win.
 */
export class LayeredScope implements Scope {
  #given: readonly Layer[] | (() => readonly Layer[])
  readonly #hashes: HashBehaviour
  readonly #made: Made

  constructor(layers: readonly Layer[] | (() => readonly Layer[]), hashes: HashBehaviour = 'replace', made: Made = {}) {
    this.#given = layers
    this.#hashes = hashes
    this.#made = made
  }

  get #layers(): readonly Layer[] {
    if (typeof this.#given === 'function') this.#given = this.#given()
    return this.#given
  }

  get(name: string): { value: unknown; open: boolean; at?: Position | undefined } | undefined {
    const make = Object.hasOwn(this.#made, name) ? this.#made[name] : undefined
    if (make) return { value: make(), open: false }
    const layers = this.#layers
    for (let i = 0; i < layers.length; i++) {
      const layer = layers[i]
      if (layer === undefined || !Object.hasOwn(layer.vars, name)) continue
      const found = { value: layer.vars[name], open: layer.open, at: layer.at?.(name) }
      return this.#hashes === 'merge' && mergeable(layer, name) ? this.#merged(found, name, i + 1) : found
    }
    return undefined
  }

  #merged<T extends { value: unknown; open: boolean }>(top: T, name: string, from: number): T {
    let { value, open } = top
    for (const layer of this.#layers.slice(from)) {
      if (!Object.hasOwn(layer.vars, name)) continue
      if (!mergeable(layer, name)) break
      const lower = layer.vars[name]
      value =
        open === layer.open
          ? mergeHashes(value, lower)
          : mergeHashes(writtenOf(value, open), writtenOf(lower, layer.open))
      open ||= layer.open
    }
    return { ...top, value, open }
  }

  names(): Iterable<string> {
    const names = new Set<string>()
    for (const layer of this.#layers) for (const name of Object.keys(layer.vars)) names.add(name)
    return names
  }

  /** Every layer that sets a name, the winner first. */
  explain(name: string): readonly Layer[] {
    const make = Object.hasOwn(this.#made, name) ? this.#made[name] : undefined
    const layers = this.#layers.filter(layer => Object.hasOwn(layer.vars, name))
    return make ? [given('magic', name, { [name]: make() }), ...layers] : layers
  }
}
