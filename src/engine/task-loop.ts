import type { Result } from '../modules/module.ts'
import type { Task } from '../playbook/types.ts'
import { attempt } from './attempt.ts'
import { MOST_LANES } from './connections.ts'
import { learn } from './learn.ts'
import { type LoopItem, loopItems } from './loop.ts'
import { pause } from './pause.ts'
import { censored, isIgnored, saidWithoutTurns } from './shown-result.ts'
import { trouble } from './trouble.ts'
import type { Assignment, LoopSayings, Outcome, PlayWorld, TaskOutcome, Turn, Upcoming } from './world.ts'

export type Finish = (outcome: Outcome, result: Result, loop?: Pick<TaskOutcome, 'items' | 'said'>) => TaskOutcome

/** What became of one turn. */
interface Ended {
  readonly outcome: Outcome
  readonly result: Result
  readonly delegatedTo: string | undefined
}

/** A task with a loop, on one host: its turns one after the other, or some at a time. */
export class TaskLoop {
  readonly #world: PlayWorld
  readonly #task: Task
  readonly #assignment: Assignment
  readonly #finish: Finish
  readonly #delegated: { to?: string }
  readonly #results: Result[] = []
  readonly #outcomes: Outcome[] = []
  readonly #said = { isHidden: false, isIgnored: true }

  constructor(world: PlayWorld, task: Task, assignment: Assignment, finish: Finish, delegated: { to?: string }) {
    this.#world = world
    this.#task = task
    this.#assignment = assignment
    this.#finish = finish
    this.#delegated = delegated
  }

  async run(): Promise<TaskOutcome> {
    const { state, around } = this.#assignment
    const plain = this.#world.nameSpace.names(state, this.#world, this.#task, around.extra)
    const items = loopItems(this.#task, plain)
    if (items === undefined)
      return this.#finish(
        'skipped',
        { changed: false, skipped: true, skip_reason: 'Conditional result was False' },
        { said: saidWithoutTurns(this.#task, plain) },
      )
    if (items.length === 0) {
      return this.#finish(
        'skipped',
        {
          changed: false,
          skipped: true,
          skipped_reason: 'No items in the list',
          results: [],
        },
        { said: saidWithoutTurns(this.#task, plain) },
      )
    }
    const { parallel } = this.#task.loop?.control ?? {}
    const lanes = parallel ? Number(plain.written(parallel)) : 1
    if (lanes > 1) await this.#together(items, Math.min(lanes, MOST_LANES, items.length))
    else await this.#oneByOne(items)
    const outcome = worst(this.#outcomes)
    const said = { ...this.#said, notify: outcome === 'changed' ? this.#notified(items) : [] }
    return this.#finish(outcome, this.#summary(), { items: items.length, said })
  }

  /** As in Ansible, also by a turn that changed nothing beside one that did. */
  #notified(items: readonly LoopItem[]): LoopSayings['notify'] {
    const { notify } = this.#task
    if (notify.length === 0) return []
    const ran = items.filter((_, i) => this.#outcomes[i] !== undefined && this.#outcomes[i] !== 'skipped')
    return ran.flatMap(item => {
      const names = this.#names(item)
      return notify.map(name => ({ value: String(names.written(name)), at: name.at }))
    })
  }

  async #oneByOne(items: readonly LoopItem[]): Promise<void> {
    for (const [i, item] of items.entries()) {
      const ended = await this.#turn(item, skip => this.#upcoming(items, i + 1 + skip))
      const result = this.#tell(item, ended)
      if (ended.outcome === 'unreachable' || this.#breaks(item, result)) return
      if (item.pauseMs && i + 1 < items.length) await pause(item.pauseMs, this.#world.run.signal)
    }
  }

  /** Turns on lanes of their own, told in the order of the items. After one that cannot reach the host no other begins. */
  async #together(items: readonly LoopItem[], lanes: number): Promise<void> {
    const queue = items.entries()
    const ended: Ended[] = []
    let isLost = false
    let told = 0
    const work = async (lane: number) => {
      for (const [i, item] of queue) {
        if (isLost) return
        const turn = await this.#turn(item, () => [], lane)
        ended[i] = turn
        if (turn.outcome === 'unreachable') isLost = true
        for (let next = ended[told]; next; next = ended[told]) {
          const itsItem = items[told++]
          if (itsItem) this.#tell(itsItem, next)
        }
      }
    }
    const ends = await Promise.allSettled(Array.from({ length: lanes }, (_, lane) => work(lane)))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }

  *#upcoming(items: readonly LoopItem[], from: number): Generator<Upcoming> {
    const { extra } = this.#assignment.around
    for (let i = from; i < items.length; i++)
      yield { step: this.#task, extra: { ...extra, loop: { ...extra.loop, ...items[i]?.vars } } }
  }

  async #turn(item: LoopItem, items: Turn['items'], lane?: number): Promise<Ended> {
    const delegated: { to?: string } = {}
    try {
      const { outcome, result } = await attempt({
        world: this.#world,
        task: this.#task,
        assignment: this.#assignment,
        names: this.#names(item),
        delegated,
        items,
        ...(lane === undefined ? {} : { lane }),
      })
      return { outcome, result, delegatedTo: delegated.to }
    } catch (error) {
      const [outcome, result] = trouble(error, this.#task)
      return { outcome, result, delegatedTo: delegated.to }
    }
  }

  /** Keeps what a turn brought, and says it. */
  #tell(item: LoopItem, { outcome, result, delegatedTo }: Ended): Result {
    const { state, ref } = this.#assignment
    const names = this.#names(item)
    const full: Result = { ...result, ...item.vars, ansible_loop_var: this.#task.loop?.control.loopVar ?? 'item' }
    this.#results.push(full)
    this.#outcomes.push(outcome)
    if (delegatedTo !== undefined) this.#delegated.to = delegatedTo
    learn(this.#world, this.#task, state, full, delegatedTo)
    const ignored = outcome === 'failed' && isIgnored(this.#task, names)
    const hidden = censored(this.#task, names, full)
    if (hidden !== full) {
      this.#said.isHidden = true
      this.#world.secrets.addResult(full, this.#task.module)
    }
    if (outcome === 'failed' && !ignored) this.#said.isIgnored = false
    this.#world.emitter.say({
      type: 'item-finished',
      host: state.name,
      task: ref,
      outcome,
      ...(ignored ? { ignored } : {}),
      ...(delegatedTo === undefined ? {} : { delegatedTo }),
      label: hidden === full ? item.label(names) : '(censored due to no_log)',
      item: hidden === full ? item.value : null,
      result: hidden,
    })
    return full
  }

  #names({ vars }: LoopItem, more: Readonly<Record<string, unknown>> = {}) {
    const { state, around } = this.#assignment
    const loop = { ...around.extra.loop, ...vars, ...more }
    return this.#world.nameSpace.names(state, this.#world, this.#task, { ...around.extra, loop })
  }

  #breaks(item: LoopItem, result: Result): boolean {
    const conditions = this.#task.loop?.control.breakWhen ?? []
    if (conditions.length === 0) return false
    const names = this.#names(item, this.#task.register ? { [this.#task.register]: result } : {})
    return conditions.every(condition => names.test(condition))
  }

  #summary(): Result {
    const outcomes = this.#outcomes
    const failed = outcomes.includes('unreachable') || this.#results.some(result => result.failed === true)
    const skipped = outcomes.every(outcome => outcome === 'skipped')
    return {
      changed: this.#results.some(result => result.changed === true),
      results: this.#results,
      msg: failed ? 'One or more items failed' : skipped ? 'All items skipped' : 'All items completed',
      ...(failed ? { failed: true } : {}),
      ...(skipped ? { skipped: true } : {}),
    }
  }
}

function worst(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes('unreachable')) return 'unreachable'
  if (outcomes.includes('failed')) return 'failed'
  if (outcomes.every(outcome => outcome === 'skipped')) return 'skipped'
  return outcomes.includes('changed') ? 'changed' : 'ok'
}
