import type { Group, Host, Inventory, VarsLayer } from '../inventory/inventory.ts'
import type { Result } from '../modules/module.ts'

/** An inventory to which `add_host` and `group_by` add while playing. */
export class Growth {
  readonly inventory: Inventory
  readonly #hosts: Map<string, Host>
  readonly #groups: Map<string, Group>
  readonly #changed: (host: Host) => void
  /** What was asked for so far, to be done again on an inventory that was read anew. */
  readonly #learned: { readonly name: string; readonly result: Result }[] = []
  #names: Readonly<Record<string, readonly string[]>> | undefined
  #given: Inventory
  /** Of the playbook whose variables count. */
  #directory: string

  /** `changed` is told of each host that is new or has other groups or variables. */
  constructor(inventory: Inventory, directory: string, changed: (host: Host) => void) {
    this.#hosts = new Map(inventory.hosts)
    this.#groups = new Map(inventory.groups)
    this.#changed = changed
    this.#given = inventory
    this.#directory = directory
    const current = () => this.beside(this.#directory)
    this.inventory = {
      ...inventory,
      hosts: this.#hosts,
      groups: this.#groups,
      groupFiles: name => current().groupFiles?.(name) ?? [],
      get localhost() {
        return current().localhost
      },
    }
  }

  /** Groups and the names of their hosts: the variable `groups`. */
  get groups(): Readonly<Record<string, readonly string[]>> {
    this.#names ??= Object.fromEntries([...this.#groups.values()].map(group => [group.name, group.hosts]))
    return this.#names
  }

  /** Does what a result asks for; says whether the inventory is another one now. Undefined: the result asks for nothing. */
  learn(host: Host, result: Result): boolean | undefined {
    const changed = this.#learn(host, result)
    if (changed) this.#learned.push({ name: host.name, result })
    return changed
  }

  /** The inventory with the variables beside a playbook. Throws what is wrong in their files. */
  beside(directory: string): Inventory {
    return this.#given.beside?.(directory) ?? this.#given
  }

  /** From here on the variables beside another playbook count: one that was imported. */
  turnTo(directory: string): void {
    if (directory === this.#directory) return
    this.#directory = directory
    this.#take(this.beside(directory))
  }

  /** Takes an inventory that was read anew. What `add_host` and `group_by` brought stays. */
  refresh(inventory: Inventory): void {
    this.#given = inventory
    this.#take(this.beside(this.#directory))
  }

  #take(inventory: Inventory): void {
    this.#names = undefined
    this.#groups.clear()
    for (const [name, group] of inventory.groups) this.#groups.set(name, group)
    this.#hosts.clear()
    for (const host of inventory.hosts.values()) this.#put(host)
    for (const { name, result } of this.#learned)
      this.#learn(this.#hosts.get(name) ?? { name, groups: [], layers: [] }, result)
    if (!this.#hosts.has('localhost')) this.#changed(inventory.localhost)
  }

  #learn(host: Host, { add_host: added, add_group: group, parent_groups: parents }: Result): boolean | undefined {
    if (isRecord(added)) return this.#add(String(added['host_name']), texts(added['groups']), added['host_vars'])
    if (typeof group !== 'string') return undefined
    const hung = texts(parents).map(parent => this.#hang(group, parent))
    return this.#join(host.name, group) || hung.includes(true)
  }

  #add(name: string, groups: readonly string[], vars: unknown): boolean {
    const known = this.#hosts.get(name)
    const layer: VarsLayer = { origin: 'add_host', vars: isRecord(vars) ? vars : {} }
    const same = known?.layers.some(each => JSON.stringify(each) === JSON.stringify(layer)) ?? false
    if (!same) {
      const host = known ?? { name, groups: [], layers: this.#groups.get('all')?.layers() ?? [] }
      this.#put({ ...host, layers: [...host.layers, layer] })
    }
    const joined = (groups.length > 0 ? groups : known ? [] : ['ungrouped']).map(group => this.#join(name, group))
    return !same || joined.includes(true)
  }

  #join(name: string, groupName: string): boolean {
    const group = this.#group(groupName)
    const host = this.#hosts.get(name)
    if (host === undefined || group.ownHosts.includes(name)) return false
    this.#set({ ...group, ownHosts: [...group.ownHosts, name] })
    const above = ['all', ...this.#above(groupName).reverse(), groupName]
    const fresh = above.filter(each => !host.groups.includes(each))
    for (const each of fresh) {
      const member = this.#group(each)
      if (!member.hosts.includes(name)) this.#set({ ...member, hosts: [...member.hosts, name] })
    }
    const layers = fresh.filter(each => each !== 'all').flatMap(each => this.#group(each).layers())
    const own = host.layers.findIndex(({ origin }) => origin === 'inventory source' || origin === 'add_host')
    const cut = own === -1 ? host.layers.length : own
    const groups = [...new Set(['all', ...host.groups, ...fresh])].filter(
      each => each !== 'ungrouped' || groupName === 'ungrouped',
    )
    if (groupName !== 'ungrouped') this.#leaveUngrouped(name)
    this.#put({ ...host, groups, layers: [...host.layers.slice(0, cut), ...layers, ...host.layers.slice(cut)] })
    return true
  }

  #leaveUngrouped(name: string): void {
    const ungrouped = this.#group('ungrouped')
    const without = (names: readonly string[]) => names.filter(each => each !== name)
    this.#set({ ...ungrouped, hosts: without(ungrouped.hosts), ownHosts: without(ungrouped.ownHosts) })
  }

  /** Puts a group below another one. */
  #hang(child: string, parentName: string): boolean {
    const parent = this.#group(parentName)
    this.#group(child)
    if (parent.children.includes(child)) return false
    this.#set({ ...parent, children: [...parent.children, child] })
    return true
  }

  #above(name: string): string[] {
    const parents = [...this.#groups.values()].filter(group => group.children.includes(name)).map(group => group.name)
    return [...new Set(parents.flatMap(parent => [parent, ...this.#above(parent)]))].filter(each => each !== 'all')
  }

  #group(name: string): Group {
    const known = this.#groups.get(name)
    if (known) return known
    const layers = () => this.inventory.groupFiles?.(name) ?? []
    const group: Group = { name, children: [], hosts: [], ownHosts: [], layers }
    this.#set(group)
    return group
  }

  #set(group: Group): void {
    this.#groups.set(group.name, group)
    this.#names = undefined
  }

  #put(host: Host): void {
    this.#hosts.set(host.name, host)
    this.#changed(host)
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
