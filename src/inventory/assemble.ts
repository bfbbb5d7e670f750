import { resolve } from 'node:path'
import type { Draft, DraftGroup, DraftHost, Settings } from './draft.ts'
import type { Group, Host, Inventory, VarsLayer } from './inventory.ts'
import type { VarsFiles } from './vars-files.ts'

/** Joins what the sources said with `group_vars/` and `host_vars/`, in Ansible's order of precedence. */
export function assemble(draft: Draft, files: VarsFiles, sources: readonly string[]): Inventory {
  hangBelowAll(draft)
  const members = new Map([...draft.groups.values()].map(group => [group.name, hostsOf(group, draft)]))
  const names = members.get('all') ?? []
  const layers = new Layers(draft, files)
  const hosts = new Map<string, Host>()
  for (const name of names) {
    const host = draft.hosts.get(name)
    if (host) hosts.set(name, layers.host(host))
  }
  const groups = new Map<string, Group>()
  for (const group of draft.groups.values()) {
    const { name, children, hosts: own } = group
    groups.set(name, {
      name,
      children: [...children],
      hosts: members.get(name) ?? [],
      ownHosts: [...own],
      layers: () => layers.ofGroup(group),
    })
  }
  return {
    hosts,
    groups,
    sources,
    warnings: [...draft.warnings, ...sameNames(hosts, groups)],
    localhost: layers.localhost(),
    groupFiles: name => [...files.group(name, 'inventory'), ...files.group(name, 'playbook')],
  }
}

/** Groups without a parent are children of `all`; hosts in no group are in `ungrouped`. */
function hangBelowAll(draft: Draft): void {
  const all = draft.group('all')
  const ungrouped = draft.group('ungrouped')
  for (const host of draft.hosts.values()) {
    if (host.groups.size === 0 || (host.groups.size === 1 && host.groups.has('ungrouped'))) {
      host.groups.add('ungrouped')
      ungrouped.hosts.add(host.name)
    } else if (host.groups.delete('ungrouped')) ungrouped.hosts.delete(host.name)
  }
  const named = [...all.children]
  all.children.clear()
  for (const name of ['ungrouped', ...named]) all.children.add(name)
  for (const group of draft.groups.values()) {
    if (group === all || group.parents.size > 0) continue
    all.children.add(group.name)
    group.parents.add('all')
  }
}

/** Ansible's order: the group's own hosts, then those of its children, then those of their children. */
function hostsOf(group: DraftGroup, draft: Draft): readonly string[] {
  const names = new Set<string>()
  const seen = new Set([group.name])
  for (let level = [group]; level.length > 0; ) {
    for (const { hosts } of level) for (const name of hosts) names.add(name)
    const below = level.flatMap(({ children }) => [...children]).filter(name => !seen.has(name))
    for (const name of below) seen.add(name)
    level = [...new Set(below)].map(name => draft.group(name))
  }
  return [...names]
}

function sameNames(hosts: ReadonlyMap<string, Host>, groups: ReadonlyMap<string, Group>): string[] {
  const same = [...groups.values()].filter(group => hosts.has(group.name))
  // A group that holds only the host of its name means the same either way.
  const doubtful = same.filter(group => group.hosts.length !== 1 || group.hosts[0] !== group.name)
  return doubtful.map(
    group => `\`${group.name}\` is a host and a group of other hosts: as a pattern it means the group`,
  )
}

/** Layers of variables, shared between the hosts of a group. */
class Layers {
  private readonly draft: Draft
  private readonly files: VarsFiles
  private readonly depths = new Map<string, number>()
  private readonly ancestors = new Map<string, ReadonlySet<string>>()
  private readonly groupLayers = new Map<string, VarsLayer | undefined>()
  private readonly sourceLayers = new Map<string, VarsLayer>()
  private readonly orders = new Map<string, readonly DraftGroup[]>()
  private readonly chains = new Map<string, readonly VarsLayer[]>()

  constructor(draft: Draft, files: VarsFiles) {
    this.draft = draft
    this.files = files
  }

  host(host: DraftHost): Host {
    const key = JSON.stringify([...host.groups])
    const order = this.orders.get(key) ?? this.order(host.groups)
    this.orders.set(key, order)
    const groupLayers = this.chains.get(key) ?? this.chain(order)
    this.chains.set(key, groupLayers)
    const own = settingsLayer('host line', host.settings)
    return {
      name: host.name,
      groups: order.map(group => group.name),
      layers: [...groupLayers, this.source(host.source), ...present(own), ...this.files.host(host.name)],
    }
  }

  ofGroup(group: DraftGroup): readonly VarsLayer[] {
    const { name } = group
    return [
      ...present(this.group(group)),
      ...this.files.group(name, 'inventory'),
      ...this.files.group(name, 'playbook'),
    ]
  }

  /** The host that is there without being named: it has the variables of `all`, and is in no group. */
  localhost(): Host {
    const vars = { ansible_connection: 'local' }
    const layers = [...this.chain([this.draft.group('all')]), { origin: 'implicit localhost', vars }]
    return { name: 'localhost', groups: [], layers: [...layers, ...this.files.host('localhost')] }
  }

  /** Inventory before files, `all` before other groups, files beside the inventory before those beside the playbook. */
  private chain(order: readonly DraftGroup[]): VarsLayer[] {
    const [all, ...others] = order
    return [
      ...order.flatMap(group => present(this.group(group))),
      ...(all ? [...this.files.group(all.name, 'inventory'), ...this.files.group(all.name, 'playbook')] : []),
      ...others.flatMap(group => this.files.group(group.name, 'inventory')),
      ...others.flatMap(group => this.files.group(group.name, 'playbook')),
    ]
  }

  private group(group: DraftGroup): VarsLayer | undefined {
    if (!this.groupLayers.has(group.name)) {
      this.groupLayers.set(group.name, settingsLayer(`group ${group.name}`, group.settings))
    }
    return this.groupLayers.get(group.name)
  }

  private source(file: string): VarsLayer {
    const known = this.sourceLayers.get(file)
    if (known) return known
    const folder = this.files.folderOf(file)
    const vars = folder === undefined ? {} : { inventory_file: resolve(file), inventory_dir: folder }
    const layer = { origin: 'inventory source', vars }
    this.sourceLayers.set(file, layer)
    return layer
  }

  private order(names: Iterable<string>): DraftGroup[] {
    const all = new Set(['all'])
    for (const name of names) {
      all.add(name)
      for (const ancestor of this.above(name)) all.add(ancestor)
    }
    const groups = [...all].map(name => this.draft.group(name))
    return groups.sort(
      (a, b) => this.depth(a) - this.depth(b) || priority(a) - priority(b) || (a.name < b.name ? -1 : 1),
    )
  }

  private above(name: string): ReadonlySet<string> {
    const known = this.ancestors.get(name)
    if (known) return known
    const found = new Set<string>()
    for (const parent of this.draft.group(name).parents) {
      found.add(parent)
      for (const ancestor of this.above(parent)) found.add(ancestor)
    }
    this.ancestors.set(name, found)
    return found
  }

  /** The longest way from `all`. */
  private depth(group: DraftGroup): number {
    const known = this.depths.get(group.name)
    if (known !== undefined) return known
    let depth = 0
    for (const parent of group.parents) depth = Math.max(depth, this.depth(this.draft.group(parent)) + 1)
    this.depths.set(group.name, depth)
    return depth
  }
}

function priority(group: DraftGroup): number {
  const value = Number(group.settings.get('ansible_group_priority')?.value)
  return Number.isInteger(value) ? value : 1
}

function settingsLayer(origin: string, settings: Settings): VarsLayer | undefined {
  if (settings.size === 0) return undefined
  const vars: Record<string, unknown> = {}
  for (const [name, setting] of settings) {
    // Ansible takes it as an order, not as a variable.
    if (name !== 'ansible_group_priority') vars[name] = setting.value
  }
  return { origin, vars, at: name => settings.get(name)?.at() }
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value]
}
