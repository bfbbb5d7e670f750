import type { Group, Inventory, VarsLayer } from '../inventory/inventory.ts'
import { hostOf } from '../inventory/pattern.ts'
import { pythonLine } from './vars-text.ts'

type Data = Record<string, unknown>

interface ViewOptions {
  readonly extraVars: Readonly<Data>
  /** Variables of groups stay with their groups. */
  readonly exported: boolean
  readonly limit: ReadonlySet<string> | undefined
}

/** An inventory in the shapes that `ansible-inventory` shows. */
export class InventoryView {
  readonly inventory: Inventory
  readonly #options: ViewOptions

  constructor(inventory: Inventory, options: ViewOptions) {
    this.inventory = inventory
    this.#options = options
  }

  hostVars(name: string): Data {
    const layers = hostOf(this.inventory, name)?.layers ?? []
    const own = this.#options.exported ? layers.filter(({ origin }) => !/^group(_vars\/|\s)/.test(origin)) : layers
    const { inventory_file: _file, inventory_dir: _directory, ...vars } = merged(own)
    return { ...vars, ...this.#options.extraVars }
  }

  /** Groups side by side, and the variables of all hosts under `_meta`. */
  list(top: Group): Data {
    const groups: Data = {}
    this.#listGroup(top, groups)
    const hostvars: Data = {}
    for (const name of this.inventory.hosts.keys()) {
      const vars = this.#allowed(name) ? this.hostVars(name) : {}
      if (Object.keys(vars).length > 0) hostvars[name] = vars
    }
    return { ...groups, _meta: { hostvars } }
  }

  /** Groups inside of each other. A host's variables stand where it is named first. */
  tree(top: Group, seen: Set<string> = new Set()): Data {
    const children: Data = {}
    for (const child of this.#children(top)) Object.assign(children, this.tree(child, seen))
    const hosts: Data = {}
    for (const name of this.#hosts(top)) {
      hosts[name] = seen.has(name) ? {} : this.hostVars(name)
      seen.add(name)
    }
    return { [top.name]: withoutEmpty({ children, hosts, vars: this.#options.exported ? merged(top.layers()) : {} }) }
  }

  graph(top: Group, withVars: boolean, depth = 0): string[] {
    const lines = [indented(`@${top.name}:`, depth)]
    const vars = (all: Data, at: number) =>
      withVars ? sortedEntries(all).map(([name, value]) => indented(`{${name} = ${pythonLine(value)}}`, at)) : []
    for (const child of this.#children(top)) lines.push(...this.graph(child, withVars, depth + 1))
    for (const name of this.#hosts(top)) lines.push(indented(name, depth + 1), ...vars(this.hostVars(name), depth + 2))
    return [...lines, ...vars(withVars ? merged(top.layers()) : {}, depth + 1)]
  }

  #listGroup(group: Group, groups: Data): void {
    const children = this.#children(group)
    const vars = this.#options.exported ? merged(group.layers()) : {}
    const content = withoutEmpty({ hosts: this.#hosts(group), children: children.map(({ name }) => name), vars })
    if (Object.keys(content).length > 0) groups[group.name] = content
    for (const child of children) if (!Object.hasOwn(groups, child.name)) this.#listGroup(child, groups)
  }

  #children(group: Group): Group[] {
    return group.children.flatMap(name => this.inventory.groups.get(name) ?? [])
  }

  /** Those of `all` itself stand under `ungrouped`. */
  #hosts(group: Group): string[] {
    return group.name === 'all' ? [] : group.ownHosts.filter(name => this.#allowed(name))
  }

  #allowed(name: string): boolean {
    return this.#options.limit?.has(name) ?? true
  }
}

function merged(layers: readonly VarsLayer[]): Data {
  return Object.assign({}, ...layers.map(layer => layer.vars))
}

function withoutEmpty(data: Data): Data {
  const filled = Object.entries(data).filter(([, value]) => Object.keys(value as object).length > 0) // lists and dictionaries only
  return Object.fromEntries(filled)
}

function indented(text: string, depth: number): string {
  return depth === 0 ? text : `${'  |'.repeat(depth)}--${text}`
}

function sortedEntries(data: Data): [string, unknown][] {
  return Object.entries(data).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}
