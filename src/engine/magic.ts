import type { Role } from '../playbook/types.ts'
import { liveDictionary, omit } from '../template/template.ts'
import { given, type Layer } from '../variables/variables.ts'
import type { RunOptions } from './engine.ts'
import type { HostState } from './host-state.ts'

/** What a play looks like from inside, for the magic variables. Read live. */
export interface PlayView {
  readonly name: string
  /** Of the playbook that it stands in, which may have been imported. */
  readonly directory: string
  readonly roles: readonly Role[]
  readonly batch: readonly HostState[]
  readonly all: readonly HostState[]
}

export interface RunView {
  readonly options: RunOptions
  readonly playbookDirectory: string
  readonly groups: Readonly<Record<string, readonly string[]>>
  readonly inventorySources: readonly string[]
  readonly hostvars: unknown
}

/** The variables that the tool itself gives to a host in a play. Values are computed when they are read. */
export function magicLayer(state: HostState, run: RunView, play: PlayView | undefined): Layer {
  const { options } = run
  const values: Record<string, () => unknown> = {
    inventory_hostname: () => state.name,
    inventory_hostname_short: () => state.name.split('.')[0],
    group_names: () => state.host.groups.filter(group => group !== 'all').sort(),
    groups: () => run.groups,
    hostvars: () => run.hostvars,
    ansible_inventory_sources: () => run.inventorySources,
    playbook_dir: () => play?.directory ?? run.playbookDirectory,
    ansible_check_mode: () => options.checkMode,
    ansible_diff_mode: () => options.diffMode,
    ansible_verbosity: () => options.verbosity,
    ansible_forks: () => options.forks,
    ansible_run_tags: () => (options.tags.length > 0 ? options.tags : ['all']),
    ansible_skip_tags: () => options.skipTags,
    ansible_version: () => ({ full: '2.17.0', major: 2, minor: 17, revision: 0, string: '2.17.0' }),
    omit: () => omit,
  }
  // a host that a source names knows its own
  if (!state.inventoryLayers.some(layer => 'inventory_dir' in layer.vars)) {
    values['inventory_dir'] = () => options.inventoryDirectory ?? null
    values['inventory_file'] = () => run.inventorySources[0] ?? null
  }
  if (options.limit !== undefined) values['ansible_limit'] = () => options.limit
  if (play) {
    const present = (hosts: readonly HostState[]) => hosts.filter(host => !host.removed).map(host => host.name)
    const active = () => present(play.all)
    values['ansible_play_name'] = () => play.name
    Object.assign(values, roleNames(play.roles))
    values['ansible_play_hosts'] = active
    values['play_hosts'] = active
    values['ansible_play_hosts_all'] = () => play.all.map(host => host.name)
    values['ansible_play_batch'] = () => present(play.batch)
  }
  const vars: Record<string, unknown> = {}
  for (const [name, get] of Object.entries(values)) Object.defineProperty(vars, name, { get, enumerable: true })
  return given('magic', 'magic', vars)
}

/** The roles that a play names, those that they depend on, and both. */
function roleNames(roles: readonly Role[]): Record<string, () => unknown> {
  const named = () => roles.filter(role => role.parent === undefined).map(role => role.name)
  const below = ({ dependencies }: Role): readonly Role[] => dependencies.flatMap(role => [role, ...below(role)])
  const dependent = () => [...new Set(roles.flatMap(below).map(role => role.name))]
  return {
    ansible_play_role_names: named,
    role_names: named,
    ansible_dependent_role_names: dependent,
    ansible_role_names: () => [...new Set([...dependent(), ...named()])],
  }
}

/** A dictionary of which each value is made when it is read: `hostvars`, `vars`. */
export function lazyDictionary({
  names,
  has,
  get,
}: {
  readonly names: () => Iterable<string>
  readonly has: (name: string) => boolean
  /** Undefined for a name that is not there. */
  readonly get: (name: string) => unknown
}): Record<string, unknown> {
  const dictionary = new Proxy<Record<string, unknown>>(
    {},
    {
      get: (target, name, receiver) => {
        if (typeof name !== 'string') return Reflect.get(target, name, receiver)
        return get(name)
      },
      has: (_, name) => typeof name === 'string' && has(name),
      ownKeys: () => [...names()],
      getOwnPropertyDescriptor: (_, name) =>
        typeof name === 'string' && has(name)
          ? { get: () => get(name), enumerable: true, configurable: true }
          : undefined,
    },
  )
  return liveDictionary(dictionary)
}
