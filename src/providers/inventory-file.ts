import { stringify } from 'yaml'
import type { ServerSpec } from '../project/project.ts'
import type { Server } from './provider.ts'

export interface InventoryEntry {
  readonly server: Server
  readonly spec: ServerSpec
}

/** An inventory in Ansible's YAML: a group for each server, named as it, and the groups that `mlops.yml` gives. */
export function inventoryText(entries: readonly InventoryEntry[], knownHostsFile: string): string {
  const groups = groupsOf(entries.map(({ spec }) => spec))
  const hosts = Object.fromEntries(entries.map(entry => [entry.server.name, hostVars(entry, knownHostsFile)]))
  const text = stringify({ all: { hosts, children: groups } }, { lineWidth: 0, nullStr: '' })
  return `# Written by mlops provision: changes are lost. Variables of hosts belong in mlops.yml or host_vars/.\n${text}`
}

/** An inventory of servers that nobody can reach: their names and groups are known, and no more. */
export function namesText(specs: readonly ServerSpec[]): string {
  return stringify({ all: { children: groupsOf(specs) } }, { lineWidth: 0, nullStr: '' })
}

type Groups = Record<string, { hosts: Record<string, null> }>

/** Those that `mlops.yml` gives, and one for each server, named as it. */
function groupsOf(specs: readonly ServerSpec[]): Groups {
  const groups: Groups = {}
  for (const { name, groups: named } of specs) {
    for (const group of new Set([...named, name])) {
      groups[group] ??= { hosts: {} }
      groups[group].hosts[name] = null
    }
  }
  return groups
}

function hostVars({ server, spec }: InventoryEntry, knownHostsFile: string): Record<string, unknown> {
  return {
    ansible_host: server.address,
    ...(server.port === 22 ? {} : { ansible_port: server.port }),
    ansible_user: server.user,
    ...(server.privateKeyFile === undefined ? {} : { ansible_ssh_private_key_file: server.privateKeyFile }),
    ...(server.connectTimeoutSeconds === undefined ? {} : { ansible_timeout: server.connectTimeoutSeconds }),
    // A server without a key of its own here is checked against the user's known_hosts.
    ...(server.hostKey === undefined ? {} : { ansible_ssh_common_args: `-o ${option(knownHostsFile)}` }),
    mlops_provider: server.provider,
    ...(server.image === undefined ? {} : { mlops_image: server.image }),
    ...spec.vars,
  }
}

/** Two programs take quotes off: the splitting into words, and ssh's own reading of option values. */
function option(file: string): string {
  return /^[\w@%+=:,./-]+$/.test(file) ? `UserKnownHostsFile=${file}` : `'UserKnownHostsFile="${file}"'`
}
