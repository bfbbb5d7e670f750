import type { Result } from '../modules/module.ts'
import type { Play, Task } from '../playbook/types.ts'
import type { HostState } from './host-state.ts'
import { takeFacts } from './kept-facts.ts'
import { truth } from './truth.ts'
import type { PlayWorld } from './world.ts'

/** Keeps the facts and variables that a result brings, its items' too. */
export function learn(
  world: PlayWorld,
  task: Task,
  host: HostState,
  result: Result,
  delegatedTo: string | undefined,
): void {
  const results = Array.isArray(result['results']) ? (result['results'] as Result[]) : [result] // of a loop
  const { delegateFacts } = task.keywords
  const about = delegatedTo !== undefined && delegateFacts?.value === true ? world.stateOf(delegatedTo) : host
  for (const each of results) {
    const facts = each['ansible_facts']
    if (typeof facts !== 'object' || facts === null) continue
    if (task.module === 'set_fact') {
      Object.assign(about.registered, facts)
      if (truth(each['_ansible_facts_cacheable'])) keep(about, facts)
    } else if (task.module === 'include_vars') Object.assign(about.included, facts)
    else keep(about, facts)
    if (task.id === gatheringId(world.play)) about.gathered = true
  }
}

function keep(host: HostState, facts: object): void {
  takeFacts(host, facts)
  host.hasNewFacts = true
}

/** The id of the task that gathers facts at the start of a play. */
export function gatheringId({ id }: Pick<Play, 'id'>): string {
  return `${id}/setup`
}
