import type { Meta } from '../playbook/types.ts'
import type { Extra } from './context.ts'
import type { HostState } from './host-state.ts'
import { forgetFacts } from './kept-facts.ts'
import type { PlayWorld } from './world.ts'

/** As in Ansible: what is for all hosts is asked of the first one only, whatever `when` says for the others. */
const forAll: ReadonlySet<Meta['verb']> = new Set(['clear_facts', 'clear_host_errors', 'end_play', 'end_batch'])

/** The hosts for which `when` of the step holds. */
export function meantBy(world: PlayWorld, meta: Meta, hosts: readonly HostState[], extra: Extra): HostState[] {
  return hosts.filter(host => {
    const names = world.nameSpace.names(host, world, meta, extra)
    return meta.keywords.when.every(condition => names.test(condition))
  })
}

/** Does a `meta` step for the hosts whose `when` holds. Handlers are flushed by the walker itself. */
export async function runMeta(world: PlayWorld, meta: Meta, hosts: readonly HostState[], extra: Extra): Promise<void> {
  if (meta.verb === 'end_host') {
    // one after the other: `ansible_play_hosts` knows who left before
    for (const host of hosts) {
      if (meantBy(world, meta, [host], extra).length === 0) continue
      host.ended = true
      host.removed = true
    }
    return
  }
  const meant = meantBy(world, meta, forAll.has(meta.verb) ? hosts.slice(0, 1) : hosts, extra)
  if (meant.length === 0) return
  switch (meta.verb) {
    case 'noop':
    case 'flush_handlers':
      return
    case 'refresh_inventory':
      if (world.run.reload) world.growth.refresh(world.run.reload())
      return
    case 'clear_facts':
      for (const host of world.view.batch) forgetFacts(host, world.run.options.factCache)
      return
    case 'clear_host_errors':
      for (const host of world.view.all) {
        // one that failed is there for the next play, but does not go on in this one
        if (host.failure !== undefined) host.ended = true
        host.failure = undefined
        host.unreachable = false
      }
      return
    case 'end_play':
      for (const host of world.view.all) host.ended = true
      return
    case 'end_batch':
      for (const host of world.view.batch) host.ended = true
      return
    case 'end_role':
      for (const host of meant) if (meta.role) host.endedRoles.add(meta.role.path)
      return
    case 'reset_connection':
      await Promise.all(meant.map(host => world.connections.drop(host.name)))
      return
    default:
      meta.verb satisfies never
  }
}
