import { MlopsError } from '../errors.ts'
import { didYouMean } from '../near.ts'
import { data, type MapNode, type SourceNode } from '../source/node.ts'
import { evaluate, plain, test } from '../template/template.ts'
import type { Draft, DraftGroup, DraftHost } from './draft.ts'

const OPTIONS = [
  'plugin',
  'strict',
  'compose',
  'groups',
  'keyed_groups',
  'leading_separator',
  'use_vars_plugins',
  'use_extra_vars',
]

/** Whether a YAML inventory is a configuration of the plugin `constructed`. */
export function isConstructed(root: SourceNode): root is MapNode {
  return root.kind === 'map' && /^(ansible\.builtin\.)?constructed$/.test(text(root.get('plugin')))
}

/** Groups and variables made from the variables of the hosts that earlier sources named (`compose`, `groups`, `keyed_groups`). */
export function readConstructed(root: MapNode, file: string, draft: Draft): void {
  for (const { key } of root.entries) {
    const name = String(key.value)
    if (!OPTIONS.includes(name))
      draft.error('constructed', `constructed has no option \`${name}\``, key.at, didYouMean(name, OPTIONS))
  }
  const build = new Builder(root, file, draft)
  for (const host of draft.hosts.values()) build.host(host)
}

class Builder {
  readonly #root: MapNode
  readonly #file: string
  readonly #draft: Draft
  readonly #strict: boolean
  readonly #leadingSeparator: boolean
  /** The groups that earlier sources put the host in. */
  #groupNames: readonly string[] = []

  constructor(root: MapNode, file: string, draft: Draft) {
    this.#root = root
    this.#file = file
    this.#draft = draft
    this.#strict = optionOf(root, 'strict') === true
    this.#leadingSeparator = optionOf(root, 'leading_separator') !== false
  }

  host(host: DraftHost): void {
    this.#groupNames = [...this.#above(host.groups)].sort()
    for (const [name, node] of this.#entries('compose')) {
      const value = this.#open(host, node)
      if (value !== undefined) host.settings.set(name, { value: plain(value), at: () => node.at })
    }
    for (const [name, node] of this.#entries('groups')) {
      const holds = this.#attempt(node, () => test(text(node), this.#scope(host), { at: node.at }))
      if (holds) this.#join(host, name)
    }
    const keyed = this.#root.get('keyed_groups')
    if (keyed?.kind === 'seq') for (const entry of keyed.items) if (entry.kind === 'map') this.#keyed(host, entry)
  }

  #keyed(host: DraftHost, entry: MapNode): void {
    const node = entry.get('key')
    if (node === undefined) {
      this.#draft.error('constructed', 'an entry of keyed_groups needs a `key`', entry.at)
      return
    }
    const prefix = text(entry.get('prefix'))
    const separator = entry.get('separator') ? text(entry.get('separator')) : '_'
    const between = prefix === '' && !this.#leadingSeparator ? '' : separator
    for (const name of keyedNames(plain(this.#open(host, node)), { entry, separator })) {
      const group = this.#join(host, `${prefix}${between}${name}`)
      const parent = text(entry.get('parent_group'))
      if (parent !== '') this.#draft.addChild(this.#draft.group(groupName(parent)), group, entry.at)
    }
  }

  #above(names: Iterable<string>, found = new Set<string>()): ReadonlySet<string> {
    for (const name of names) {
      if (name === 'all' || found.has(name)) continue
      found.add(name)
      this.#above(this.#draft.group(name).parents, found)
    }
    return found
  }

  #join(host: DraftHost, name: string): DraftGroup {
    const group = this.#draft.group(groupName(name))
    this.#draft.host(host.name, group, host.source)
    return group
  }

  #entries(option: string): [string, SourceNode][] {
    const node = this.#root.get(option)
    return node?.kind === 'map' ? node.entries.map(({ key, value }) => [String(key.value), value]) : []
  }

  #open(host: DraftHost, node: SourceNode): unknown {
    return this.#attempt(node, () => evaluate(text(node), this.#scope(host), { at: node.at, backslashes: 'kept' }))
  }

  /** What a host has no variables for is left out, unless `strict` says otherwise. */
  #attempt<T>(node: SourceNode, work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof MlopsError)) throw error
      if (this.#strict)
        this.#draft.errors.push(
          error.at ? error : new MlopsError(error.code, error.message, { at: node.at, cause: error }),
        )
      return undefined
    }
  }

  #scope(host: DraftHost) {
    const vars = variablesOf(host, this.#draft)
    vars.set('inventory_hostname', host.name)
    vars.set('inventory_hostname_short', host.name.split('.')[0])
    vars.set('group_names', this.#groupNames)
    vars.set('inventory_file', this.#file)
    return {
      get: (name: string) => (vars.has(name) ? { value: vars.get(name), open: true } : undefined),
      names: () => vars.keys(),
    }
  }
}

/** The variables that the sources so far give a host: those of its groups, outermost first, then its own. */
function variablesOf(host: DraftHost, draft: Draft): Map<string, unknown> {
  const depths = new Map<string, number>()
  const visit = (name: string): number => {
    const known = depths.get(name)
    if (known !== undefined) return known
    const above = [...draft.group(name).parents].map(visit)
    const depth = name === 'all' ? 0 : Math.max(0, ...above) + 1
    depths.set(name, depth)
    return depth
  }
  visit('all')
  for (const name of host.groups) visit(name)
  const ordered = [...depths]
    .sort(([a, i], [b, j]) => i - j || (a < b ? -1 : 1))
    .map(([name]) => draft.group(name).settings)
  const vars = new Map<string, unknown>()
  for (const settings of [...ordered, host.settings]) for (const [name, { value }] of settings) vars.set(name, value)
  return vars
}

/** A text is one name, a list several, a dictionary `key_value` each. */
function keyedNames(key: unknown, { entry, separator }: { entry: MapNode; separator: string }): string[] {
  const fallback = entry.get('default_value') ? text(entry.get('default_value')) : undefined
  const named = (name: unknown) => (name === '' && fallback !== undefined ? fallback : String(name))
  if (typeof key === 'string') return key === '' && fallback === undefined ? [] : [named(key)]
  if (Array.isArray(key)) return key.map(named).filter(name => name !== '')
  if (typeof key !== 'object' || key === null) return key === undefined || key === null ? [] : [String(key)]
  return Object.entries(key).map(([name, value]) => {
    if (value !== '') return `${name}${separator}${value}`
    if (fallback !== undefined) return `${name}${separator}${fallback}`
    return optionOf(entry, 'trailing_separator') === false ? name : `${name}${separator}`
  })
}

/** What no variable's name may hold becomes `_`, as in Ansible. */
function groupName(name: string): string {
  return name.replace(/^\d|[^\p{L}\p{N}_]/gu, '_')
}

function optionOf(map: MapNode, name: string): unknown {
  const node = map.get(name)
  return node && data(node)
}

function text(node: SourceNode | undefined): string {
  return node?.kind === 'scalar' && node.value !== null ? String(node.value) : ''
}
