import type { Result } from '../modules/module.ts'
import type { Include } from '../playbook/types.ts'
import type { LoopItem } from './loop.ts'

/** What became of an include, or of a turn of it, on one host. The target is absent where `when` said no. */
export interface IncludeTurn {
  readonly item: LoopItem | undefined
  readonly target: string | undefined
  readonly options?: () => Readonly<Record<string, unknown>>
}

/** What `register` of an include holds: Ansible's keys, which say nothing of what was included. */
export function includeResult(include: Include, turns: readonly IncludeTurn[]): Result {
  const [first] = turns
  if (first && first.item === undefined) return { ...of(include, first), changed: false }
  if (first === undefined) return { changed: false, skipped: true, skipped_reason: 'No items in the list', results: [] }
  const skipped = turns.every(turn => turn.target === undefined)
  return {
    changed: false,
    skipped,
    msg: skipped ? 'All items skipped' : 'All items completed',
    results: turns.map(turn => ({ ...of(include, turn), ...turn.item?.vars })),
  }
}

function of({ what }: Include, { target, options }: IncludeTurn): Record<string, unknown> {
  if (target === undefined) return { changed: false, skipped: true, skip_reason: 'Conditional result was False' }
  return what === 'tasks'
    ? { include: target, include_args: options?.() ?? {} }
    : { include_args: { name: target, ...options?.() } }
}
