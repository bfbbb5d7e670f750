import { type Connection, ConnectionError, type ScriptRequest, type ScriptResult } from '../connection/connection.ts'
import { MlopsError } from '../errors.ts'
import { type ActionModule, ModuleFailure, type Result } from '../modules/module.ts'
import type { Task } from '../playbook/types.ts'
import type { ArgTable } from '../schema/arguments.ts'
import { sh } from '../shell/sh.ts'
import { comeBack } from './come-back.ts'
import { completed } from './completed.ts'
import type { Names } from './context.ts'
import { learn } from './learn.ts'
import { type LoopItem, loopItems } from './loop.ts'
import { identity, lookRequest, modes, type OpenedTask, openArgs, openTask } from './opened-task.ts'
import { pause } from './pause.ts'
import { lookOf, perform, type StepResult } from './perform.ts'
import { planAhead } from './plan-ahead.ts'
import { truth } from './truth.ts'
import { readVarsFiles } from './vars-files.ts'
import type { Assignment, PlayWorld, TaskOutcome, Upcoming } from './world.ts'

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
    const { outcome, result } = await attempt(world, task, assignment, names, delegated, [])
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
      ;({ outcome, result } = await attempt(this.#world, this.#task, this.#assignment, names, this.#delegated, next))
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

/** One turn of a task: condition, arguments, work, `changed_when`, `failed_when`, retries. */
async function attempt(
  world: PlayWorld,
  task: Task,
  assignment: Assignment,
  names: Names,
  delegated: { to?: string },
  items: readonly Upcoming[],
): Promise<StepResult> {
  for (const condition of task.keywords.when) {
    if (!names.test(condition)) {
      return {
        outcome: 'skipped',
        result: {
          changed: false,
          skipped: true,
          skip_reason: 'Conditional result was False',
          false_condition: condition.value,
        },
      }
    }
  }
  const attempts = attemptsOf(task, names)
  for (let turn = 1; ; turn++) {
    const step = judged(world, task, assignment, names, await once(world, task, assignment, names, delegated, items))
    if (attempts === 1) return step
    if (turn > 1 || task.until.length > 0) step.result['attempts'] = turn
    if (done(world, task, assignment, names, step)) return step
    // Ansible counts the retries here, not the first attempt
    if (turn >= attempts) return { outcome: 'failed', result: { ...step.result, failed: true, attempts: attempts - 1 } }
    const { state, ref } = assignment
    world.emitter.say({
      type: 'retry',
      host: state.name,
      task: ref,
      attemptsLeft: attempts - turn,
      result: censored(task, names, step.result),
    })
    await pause(task.delay ? Number(names.written(task.delay)) * 1000 : 5000, world.run.signal)
  }
}

async function once(
  world: PlayWorld,
  task: Task,
  assignment: Assignment,
  names: Names,
  delegated: { to?: string },
  items: readonly Upcoming[],
): Promise<StepResult> {
  const { state, ref, around } = assignment
  const module = world.run.modules.find(task.module)
  if (module === undefined) throw new ModuleFailure(`no module \`${task.module}\``)
  const on = task.keywords.delegateTo ? world.stateOf(String(names.written(task.keywords.delegateTo))) : state
  if (on !== state) delegated.to = on.name
  if (module.kind === 'controller') {
    const { checkMode, diffMode } = modes(world, task, names)
    try {
      const args = openArgs(world, module, task, names, module.expressions)
      const result = module.run(args, {
        checkMode,
        diffMode,
        facts: on.facts,
        host: { name: on.name, address: on.name, connection: 'controller' },
        expression: text => names.expression(text, task.argAt()),
        test: text => names.test({ value: text, at: task.argAt() }),
        verbosity: world.run.options.verbosity,
        ...(module.varsFiles ? { varsFiles: readVarsFiles(world, task, module.varsFiles(args)) } : {}),
      })
      const grown = world.growth.learn(state.host, result)
      if (grown !== undefined) result.changed = grown
      const outcome = result.failed ? 'failed' : result.skipped ? 'skipped' : result.changed ? 'changed' : 'ok'
      return { outcome, result: { changed: false, ...result } }
    } catch (error) {
      if (error instanceof ModuleFailure)
        return { outcome: 'failed', result: { changed: false, ...error.result, failed: true, msg: error.message } }
      throw error
    }
  }
  const opened = openTask(world, task, names, on)
  const asked = performance.now()
  const connection = await reach(world, opened, on.name)
  const reachedMs = performance.now() - asked
  const mayLookAhead = world.run.options.lookAhead && on === state
  const look = mayLookAhead ? lookOf(opened.module, opened.args, opened.inputs) : undefined
  const seen = look ? on.looks.take(lookRequest(opened, look).key, Date.now()) : undefined
  let planned: { key: string; request: ScriptRequest }[] = []
  const started = new Date()
  const step = await perform(opened.module, opened.args, opened.inputs, connection, {
    become: opened.become,
    environment: opened.environment,
    timeoutMs: opened.timeoutMs,
    folder: world.play.directory,
    checkMode: opened.inputs.checkMode,
    diffMode: opened.inputs.diffMode,
    signal: world.run.signal,
    approve: deed => {
      const apart = task.keywords.checkMode !== undefined
      const quiet = task.changedWhen.length > 0 && task.changedWhen.every(({ value }) => String(value) === 'false')
      return world.run.options.approve?.({ host: state.name, on: on.name, task: ref, apart, quiet, deed })
    },
    onOutput: text => world.emitter.say({ type: 'output', host: state.name, task: ref, text }),
    seen,
    ahead: behind => {
      if (!mayLookAhead) return []
      planned = planAhead(world, state, {
        upcoming: [...items, ...around.upcoming()],
        current: task,
        limit: on.looks.batch,
        only: behind === 'change' ? identity(opened.become) : undefined,
      })
      return planned.map(entry => entry.request)
    },
    onAhead: (answers: readonly ScriptResult[]) => {
      const now = Date.now()
      for (const [i, answer] of answers.entries()) {
        const key = planned[i]?.key
        if (key !== undefined && !answer.timedOut) on.looks.put(key, answer, now)
      }
      on.looks.grow()
    },
    onChange: () => (opened.module.kind === 'state' ? on.looks.shrink() : on.looks.void()),
  })
  const restart =
    opened.module.kind === 'action' && step.outcome === 'changed' && !opened.inputs.checkMode
      ? opened.module.restarts?.(opened.args, step.result)
      : undefined
  if (restart) {
    on.looks.void()
    const reopen = async () => {
      await world.connections.drop(on.name)
      return opened.connect()
    }
    Object.assign(step.result, await comeBack(restart, reopen, opened.become, world.run.signal))
  }
  if (waitsForLine(opened) !== undefined) step.result['elapsed'] = Math.round(reachedMs / 1000)
  // a task with `async` is waited for: what a poll of Ansible's would have said last
  if (task.async && step.outcome !== 'skipped') Object.assign(step.result, { started: 1, finished: 1 })
  return {
    outcome: step.result.failed ? 'failed' : step.outcome,
    result: completed(step.result, opened.module.kind === 'action' ? started : undefined),
  }
}

function waitsForLine({
  module,
  args,
}: OpenedTask): ReturnType<NonNullable<ActionModule<ArgTable>['reconnects']>> | undefined {
  return module.kind === 'action' ? module.reconnects?.(args) : undefined
}

/** The line to the host; for a module that waits for it, tried until its time is over. */
async function reach(world: PlayWorld, opened: OpenedTask, host: string): Promise<Connection> {
  const patience = waitsForLine(opened)
  if (patience === undefined) return opened.connect()
  await pause(patience.delayMs, world.run.signal)
  const deadline = performance.now() + patience.timeoutMs
  for (;;) {
    await world.connections.drop(host)
    try {
      const connection = await opened.connect()
      // A host that goes down may let one in and then never answer
      await connection.run([{ script: sh`:`, become: opened.become, timeoutMs: 30_000 }], world.run.signal)
      return connection
    } catch (error) {
      if (!(error instanceof ConnectionError) || error.kind === 'interrupted') throw error
      if (performance.now() + patience.sleepMs > deadline)
        throw new ModuleFailure(`timed out waiting for the host: ${error.message}`)
      await pause(patience.sleepMs, world.run.signal)
    }
  }
}

/** Applies `changed_when` and `failed_when`, with the result under the task's `register` name. */
function judged(world: PlayWorld, task: Task, assignment: Assignment, names: Names, step: StepResult): StepResult {
  if (step.outcome === 'skipped' || (task.changedWhen.length === 0 && task.failedWhen.length === 0)) return step
  const result: Result = { ...step.result }
  const after = withResult(world, task, assignment, names, result)
  if (task.changedWhen.length > 0) result.changed = task.changedWhen.every(condition => after.test(condition))
  if (task.failedWhen.length > 0) {
    result.failed = task.failedWhen.every(condition => after.test(condition))
    result['failed_when_result'] = result.failed
  }
  const failed = task.failedWhen.length > 0 ? result.failed === true : step.outcome === 'failed'
  return { outcome: failed ? 'failed' : result.changed ? 'changed' : 'ok', result }
}

function done(world: PlayWorld, task: Task, assignment: Assignment, names: Names, step: StepResult): boolean {
  if (step.outcome === 'skipped') return true
  if (task.until.length === 0) return step.outcome !== 'failed'
  const after = withResult(world, task, assignment, names, step.result)
  return task.until.every(condition => after.test(condition))
}

function withResult(world: PlayWorld, task: Task, { state, around }: Assignment, names: Names, result: Result): Names {
  if (task.register === undefined) return names
  const loopVar = task.loop?.control.loopVar
  const item =
    loopVar === undefined
      ? {}
      : Object.fromEntries(
          [loopVar, ...(task.loop?.control.indexVar ? [task.loop.control.indexVar] : []), 'ansible_loop'].flatMap(
            name => {
              const found = names.scope.get(name)
              return found ? [[name, found.value]] : []
            },
          ),
        )
  return world.nameSpace.names(state, world, task, {
    ...around.extra,
    loop: { ...around.extra.loop, ...item, [task.register]: result },
  })
}

function attemptsOf(task: Task, names: Names): number {
  if (task.until.length === 0 && !task.retries) return 1
  if (!task.retries) return 3
  return Math.max(0, Number(names.written(task.retries))) + 1
}

/** Whether a failure of the task is ignored. */
export function isIgnored(task: Task, names: Names): boolean {
  return task.keywords.ignoreErrors ? truth(names.written(task.keywords.ignoreErrors)) : false
}

/** The result as it may be shown: with `no_log`, nothing but whether it changed or failed. */
export function censored(task: Task, names: Names, result: Result): Result {
  if (!task.keywords.noLog || !truth(names.written(task.keywords.noLog))) return result
  return {
    censored: "the output has been hidden due to the fact that 'no_log: true' was specified for this result",
    changed: result.changed === true,
    ...(result.failed ? { failed: true } : {}),
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
