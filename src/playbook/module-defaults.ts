import type { Position } from '../errors.ts'
import { didYouMean } from '../near.ts'
import type { Problems } from './problems.ts'
import type { Keywords } from './types.ts'

const docker = [
  'docker_compose',
  'docker_container',
  'docker_host_info',
  'docker_image',
  'docker_login',
  'docker_network',
  'docker_node',
  'docker_prune',
  'docker_stack',
  'docker_swarm',
  'docker_volume',
]

/** Groups of `module_defaults` and those of our modules that are in them. */
const groups: Readonly<Record<string, readonly string[]>> = {
  'community.docker.docker': docker,
  'kubernetes.core.k8s': ['k8s'],
  'community.postgresql.all': ['postgresql_db', 'postgresql_user'],
}

/** Names that groups had before collections. */
const formerNames: Readonly<Record<string, string>> = {
  docker: 'community.docker.docker',
  k8s: 'kubernetes.core.k8s',
}

/** Groups of Ansible in which none of our modules is. */
const foreign = ['acme', 'aws', 'azure', 'cpm', 'gcp', 'helm', 'openstack', 'os', 'ovirt', 'vmware']

/** What `module_defaults` say for a module: each a dictionary of arguments or a template of one, the later wins. */
export function defaultsFor(
  moduleDefaults: Keywords['moduleDefaults'],
  { module, asWritten }: { readonly module: string; readonly asWritten: string },
): readonly { readonly value: unknown; readonly at: Position }[] {
  // an inner entry takes the place of the outer one of that name, as in Ansible
  const entries = new Map<string, { value: unknown; at: Position }>()
  for (const { value, at } of moduleDefaults) {
    for (const [name, args] of Object.entries(value)) {
      const key = keyOf(name)
      entries.delete(key)
      entries.set(key, { value: args, at })
    }
  }
  const ofGroups = [...entries].filter(([key]) => groups[groupOf(key) ?? '']?.includes(module))
  const names = new Set([module, keyOf(asWritten)])
  const own = [...entries].filter(([key]) => names.has(key))
  return [...ofGroups, ...own].map(([, entry]) => entry)
}

/** Tells of a group that there is not. */
export function checkGroup(name: string, at: Position, problems: Problems): void {
  if (!name.startsWith('group/')) return
  const group = name.slice('group/'.length).replace(/^ansible\.builtin\./, '')
  if (Object.hasOwn(groups, formerNames[group] ?? group)) return
  const known = [...Object.keys(formerNames), ...Object.keys(groups)]
  const collection = group.replace(/\.[^.]*$/, '')
  const isOurs = !group.includes('.') || known.some(each => each.startsWith(`${collection}.`))
  if (foreign.includes(group) || !isOurs) {
    problems.warn(`no module of the group \`${group}\` is known here`, at)
    return
  }
  const hint = didYouMean(group, [...known, ...foreign]) ?? `groups: ${known.join(', ')}`
  problems.error('no-group', `there is no group of modules \`${group}\``, { at, hint })
}

function keyOf(name: string): string {
  return name.startsWith('group/')
    ? `group/${groupOf(name)}`
    : name.replace(/^ansible\.(builtin|legacy)\./, '').replace(/^(?:\w+\.){2}/, '')
}

function groupOf(key: string): string | undefined {
  if (!key.startsWith('group/')) return undefined
  const name = key.slice('group/'.length).replace(/^ansible\.builtin\./, '')
  return formerNames[name] ?? name
}
