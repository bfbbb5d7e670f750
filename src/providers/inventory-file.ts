import { stringify } from 'yaml'
import type { ServerSpec } from '../project/project.ts'
import type { Server } from './provider.ts'

export interface InventoryEntry {
  readonly server: Server
  readonly spec: ServerSpec
}

/** An inventory in Ansible's YAML: a group for each server, named as it, and the groups that `mlops.yml` gives. */
export function inventoryText(entries: readonly InventoryEntry[], knownHostsFile: string): string {
  const groups: Record<string, { hosts: Record<string, null> }> = {}
  for (const { server, spec } of entries) {
    for (const group of new Set([...spec.groups, server.name])) {
      groups[group] ??= { hosts: {} }
      groups[group].hosts[server.name] = null
    }
  }
  const hosts = Object.fromEntries(entries.map(entry => [entry.server.name, hostVars(entry, knownHostsFile)]))
  const text = stringify({ all: { hosts, children: groups } }, { lineWidth: 0, nullStr: '' })
  return `# Written by mlops provision: changes are lost. Variables of hosts belong in mlops.yml or host_vars/.\n${text}`
}

function hostVars({ server, spec }: InventoryEntry, knownHostsFile: string): Record<string, unknown> {
  return {
    ansible_host: server.address,
    ...(server.port === 22 ? {} : { ansible_port: server.port }),
    ansible_user: server.user,
    ...(server.privateKeyFile === undefined ? {} : { ansible_ssh_private_key_file: server.privateKeyFile }),
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
