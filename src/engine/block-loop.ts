import { MlopsError } from '../errors.ts'
import type { TaskRef } from '../events.ts'
import { ModuleFailure } from '../modules/module.ts'
import type { Block } from '../playbook/types.ts'
import type { Extra } from './context.ts'
import { failHosts } from './fail-hosts.ts'
import type { HostState } from './host-state.ts'
import { loopItems } from './loop.ts'
import type { PlayWorld, Surroundings } from './world.ts'

/** One turn of a block: the hosts that have the same item, and what they see. */
export interface BlockTurn {
  readonly hosts: readonly HostState[]
  readonly extra: Extra
  /** Before the next one. */
  readonly pauseMs: number
}

/** The turns of a block with a loop: the first items of all hosts, then the second ones. A host whose list cannot be opened fails. */
export function blockTurns(
  world: PlayWorld,
  block: Block,
  hosts: readonly HostState[],
  around: Surroundings,
): readonly BlockTurn[] {
  const rounds: Map<string, { hosts: HostState[]; extra: Extra; pauseMs: number }>[] = []
  for (const host of hosts) {
    for (const [i, item] of itemsOf(world, block, host, around).entries()) {
      rounds[i] ??= new Map()
      const key = JSON.stringify(item.vars)
      const turn = rounds[i].get(key)
      if (turn) turn.hosts.push(host)
      else {
        const extra = { ...around.extra, loop: { ...around.extra.loop, ...item.vars } }
        rounds[i].set(key, { hosts: [host], extra, pauseMs: item.pauseMs })
      }
    }
  }
  return rounds.flatMap((round, i) =>
    [...round.values()].map(turn => ({ ...turn, pauseMs: i + 1 < rounds.length ? turn.pauseMs : 0 })),
  )
}

function itemsOf(world: PlayWorld, block: Block, host: HostState, around: Surroundings) {
  try {
    return loopItems(block, world.nameSpace.names(host, world, block, around.extra)) ?? []
  } catch (error) {
    if (!(error instanceof MlopsError || error instanceof ModuleFailure)) throw error
    const ref: TaskRef = { id: block.id, name: block.name ?? 'block', module: 'block', at: block.at }
    failHosts(world, ref, [host], error, around)
    return []
  }
}
