import { ModuleFailure, type Result } from '../modules/module.ts'
import type { Task } from '../playbook/types.ts'
import { registered } from './completed.ts'
import type { Names } from './context.ts'
import { withModule } from './named-module.ts'
import { runOnController } from './on-controller.ts'
import { runOnHost } from './on-host.ts'
import { pause } from './pause.ts'
import type { StepResult } from './perform.ts'
import { censored } from './shown-result.ts'
import type { Turn } from './world.ts'

/** One turn of a task: condition, arguments, work, `changed_when`, `failed_when`, retries. */
export async function attempt(turn: Turn): Promise<StepResult> {
  const { world, task, assignment, names } = turn
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
  for (let tries = 1; ; tries++) {
    // what is awaited, and what comes after it, is not as it was seen before
    if (attempts > 1) assignment.state.looks.void()
    const found = await once(turn)
    if (attempts > 1 && (tries > 1 || task.until.length > 0)) found.result['attempts'] = tries
    const step = judged(turn, found)
    if (attempts === 1 || done(turn, step)) return step
    // Ansible counts the retries here, not the first attempt; and `failed_when` has the last word on the outcome
    if (tries >= attempts)
      return {
        outcome: task.failedWhen.length > 0 ? step.outcome : 'failed',
        result: { ...step.result, failed: true, attempts: attempts - 1 },
      }
    const { state, ref } = assignment
    world.emitter.say({
      type: 'retry',
      host: state.name,
      task: ref,
      attemptsLeft: attempts - tries,
      result: censored(task, names, step.result),
    })
    await pause(task.delay ? Number(names.written(task.delay)) * 1000 : 5000, world.run.signal)
  }
}

function once(given: Turn): StepResult | Promise<StepResult> {
  const turn = { ...given, task: withModule(given) }
  const { world, task, assignment, names, delegated } = turn
  const { state } = assignment
  const module = world.run.modules.find(task.module)
  if (module === undefined) throw new ModuleFailure(`no module \`${task.module}\``)
  const on = task.keywords.delegateTo ? world.stateOf(String(names.written(task.keywords.delegateTo))) : state
  if (on !== state) delegated.to = on.name
  return module.kind === 'controller' ? runOnController(turn, module, on) : runOnHost(turn, on)
}

/** Applies `changed_when` and `failed_when`, with the result under the task's `register` name. */
function judged(turn: Turn, step: StepResult): StepResult {
  const { task } = turn
  if (step.outcome === 'skipped' || (task.changedWhen.length === 0 && task.failedWhen.length === 0)) return step
  const result: Result = { ...step.result }
  const after = withResult(turn, result)
  if (task.changedWhen.length > 0) result.changed = task.changedWhen.every(condition => after.test(condition))
  if (task.failedWhen.length > 0) {
    result.failed = task.failedWhen.every(condition => after.test(condition))
    result['failed_when_result'] = result.failed
  }
  const failed = task.failedWhen.length > 0 ? result.failed === true : step.outcome === 'failed'
  return { outcome: failed ? 'failed' : result.changed ? 'changed' : 'ok', result }
}

function done(turn: Turn, step: StepResult): boolean {
  const { task } = turn
  if (step.outcome === 'skipped') return true
  if (task.until.length === 0) return step.outcome !== 'failed'
  const after = withResult(turn, step.result)
  return task.until.every(condition => after.test(condition))
}

function withResult({ world, task, names, assignment }: Turn, result: Result): Names {
  const { state, around } = assignment
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
    loop: { ...around.extra.loop, ...item, [task.register]: registered(result) },
  })
}

function attemptsOf(task: Task, names: Names): number {
  if (task.until.length === 0 && !task.retries) return 1
  if (!task.retries) return 3
  return Math.max(0, Number(names.written(task.retries))) + 1
}
