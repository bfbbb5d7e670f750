import { ConnectionError } from '../connection/connection.ts'
import { MlopsError } from '../errors.ts'
import { ModuleFailure, type Result } from '../modules/module.ts'
import type { Task } from '../playbook/types.ts'
import { attempt } from './attempt.ts'
import { learn } from './learn.ts'
import { type LoopItem, loopItems } from './loop.ts'
import { pause } from './pause.ts'
import { censored, isIgnored } from './shown-result.ts'
import type { Assignment, PlayWorld, TaskOutcome } from './world.ts'

type Finish = (outcome: TaskOutcome['outcome'], result: Result, items?: number) => TaskOutcome

/** Runs one task on one host, loop and retries included. Rejects only when the run is interrupted. */
export async function runTask(world: PlayWorld, task: Task, assignment: Assignment): Promise<TaskOutcome> {
  const { state, ref, around } = assignment
  const start = performance.now()
  const delegated: { to?: string } = {}
  const finish: Finish = (outcome, result, items) => ({
    outcome,
    result,
    ms: Math.round(performance.now() - start),
    ...(delegated.to === undefined ? {} : { delegatedTo: delegated.to }),
    ...(items === undefined ? {} : { items }),
  })
  world.emitter.say({ type: 'host-started', host: state.name, task: ref })
  try {
    if (task.loop) return await new Loop(world, task, assignment, finish, delegated).run()
    const names = world.nameSpace.names(state, world, task, around.extra)
    const { outcome, result } = await attempt({ world, task, assignment, names, delegated, items: [] })
    return finish(outcome, result)
  } catch (error) {
    return finish(...trouble(error, task))
  }
}

class Loop {
  readonly #world: PlayWorld
  readonly #task: Task
  readonly #assignment: Assignment
  readonly #finish: Finish
  readonly #delegated: { to?: string }

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
      return this.#finish('skipped', { changed: false, skipped: true, skip_reason: 'Conditional result was False' })
    if (items.length === 0) {
      return this.#finish('skipped', {
        changed: false,
        skipped: true,
        skipped_reason: 'No items in the list',
        results: [],
      })
    }
    const results: Result[] = []
    const outcomes: TaskOutcome['outcome'][] = []
    for (const [i, item] of items.entries()) {
      const outcome = await this.#item(item, items.slice(i + 1), results)
      outcomes.push(outcome)
      if (outcome === 'unreachable') break
      const last = results.at(-1)
      if (last && this.#breaks(item, last)) break
      if (item.pauseMs && i + 1 < items.length) await pause(item.pauseMs, this.#world.run.signal)
    }
    return this.#finish(worst(outcomes), this.#summary(results, outcomes), items.length)
  }

  async #item(item: LoopItem, rest: readonly LoopItem[], results: Result[]): Promise<TaskOutcome['outcome']> {
    const { state, ref, around } = this.#assignment
    const extra = { ...around.extra, loop: { ...around.extra.loop, ...item.vars } }
    const names = this.#world.nameSpace.names(state, this.#world, this.#task, extra)
    const next = rest.map(later => ({
      step: this.#task,
      extra: { ...around.extra, loop: { ...around.extra.loop, ...later.vars } },
      item: true,
    }))
    let outcome: TaskOutcome['outcome']
    let result: Result
    try {
      ;({ outcome, result } = await attempt({
        world: this.#world,
        task: this.#task,
        assignment: this.#assignment,
        names,
        delegated: this.#delegated,
        items: next,
      }))
    } catch (error) {
      ;[outcome, result] = trouble(error, this.#task)
    }
    const full: Result = { ...result, ...item.vars, ansible_loop_var: this.#task.loop?.control.loopVar ?? 'item' }
    results.push(full)
    learn(this.#world, this.#task, state, full, this.#delegated.to)
    const ignored = outcome === 'failed' && isIgnored(this.#task, names)
    const hidden = censored(this.#task, names, full)
    this.#world.emitter.say({
      type: 'item-finished',
      host: state.name,
      task: ref,
      outcome,
      ...(ignored ? { ignored } : {}),
      ...(this.#delegated.to === undefined ? {} : { delegatedTo: this.#delegated.to }),
      label: hidden === full ? item.label(names) : '(censored due to no_log)',
      item: hidden === full ? item.value : null,
      result: hidden,
    })
    return outcome
  }

  #breaks(item: LoopItem, result: Result): boolean {
    const conditions = this.#task.loop?.control.breakWhen ?? []
    if (conditions.length === 0) return false
    const { state, around } = this.#assignment
    const loop = {
      ...around.extra.loop,
      ...item.vars,
      ...(this.#task.register ? { [this.#task.register]: result } : {}),
    }
    const names = this.#world.nameSpace.names(state, this.#world, this.#task, { ...around.extra, loop })
    return conditions.every(condition => names.test(condition))
  }

  #summary(results: readonly Result[], outcomes: readonly TaskOutcome['outcome'][]): Result {
    const failed = outcomes.includes('failed') || outcomes.includes('unreachable')
    const skipped = outcomes.every(outcome => outcome === 'skipped')
    return {
      changed: results.some(result => result.changed === true),
      results,
      msg: failed ? 'One or more items failed' : skipped ? 'All items skipped' : 'All items completed',
      ...(failed ? { failed: true } : {}),
      ...(skipped ? { skipped: true } : {}),
    }
  }
}

function worst(outcomes: readonly TaskOutcome['outcome'][]): TaskOutcome['outcome'] {
  if (outcomes.includes('unreachable')) return 'unreachable'
  if (outcomes.includes('failed')) return 'failed'
  if (outcomes.every(outcome => outcome === 'skipped')) return 'skipped'
  return outcomes.includes('changed') ? 'changed' : 'ok'
}

/** What an error of a task means for its host. Anything that is neither the host's nor the user's is our bug and goes on. */
function trouble(error: unknown, task: Task): [TaskOutcome['outcome'], Result] {
  if (error instanceof ModuleFailure)
    return ['failed', { changed: false, ...error.result, failed: true, msg: error.message }]
  if (error instanceof MlopsError) {
    const at = error.at ?? task.at
    const hint = error.hint ? { hint: error.hint } : {}
    return [
      'failed',
      { changed: false, failed: true, msg: error.message, at: `${at.file}:${at.line}:${at.column}`, ...hint },
    ]
  }
  if (error instanceof ConnectionError) {
    if (error.kind === 'interrupted') throw error
    const hint = error.hint ? { hint: error.hint } : {}
    if (error.kind === 'become' || error.kind === 'no-file')
      return ['failed', { changed: false, failed: true, msg: error.message, ...hint }]
    return ['unreachable', { changed: false, unreachable: true, msg: error.message, ...hint }]
  }
  throw error
}
