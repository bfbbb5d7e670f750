import { MlopsError } from '../errors.ts'
import { didYouMean } from '../near.ts'
import { flatten } from '../playbook/list.ts'
import type { Playbook } from '../playbook/types.ts'
import type { Emitter } from './emitter.ts'
import type { RunOptions } from './engine.ts'
import { matchesTask } from './start-at.ts'

/** Tags that mean something whether or not a task has them. */
const WORDS = new Set(['all', 'tagged', 'untagged', 'always', 'never'])

/**
 * Tells before any host is reached what flags name and the playbook does not have: the task of `--start-at-task` (throws
 * `play.start-at`), tags (a warning). Where includes or templates may still bring it, nothing is said.
 */
export function foresee({ plays }: Playbook, options: RunOptions, emitter: Emitter): void {
  const steps = plays.flatMap(play => flatten(play.steps))
  const debugged =
    plays.find(play => play.strategy?.value === 'debug')?.strategy ??
    steps.map(step => step.keywords.debugger).find(said => said !== undefined && said.value !== 'never')
  if (debugged && options.debug === undefined)
    emitter.warn('the debugger needs a terminal: no task will be looked into', undefined, debugged.at)
  if (steps.some(step => step.kind === 'include')) return
  const { startAtTask } = options
  const names = steps.flatMap(step =>
    step.kind === 'task'
      ? [{ name: step.name ?? step.moduleAsWritten, role: step.role?.name }]
      : step.name === undefined
        ? []
        : [{ name: step.name, role: step.role?.name }],
  )
  if (startAtTask !== undefined && !names.some(({ name }) => name.includes('{{'))) {
    const matches = matchesTask(startAtTask)
    if (!names.some(({ name, role }) => matches(role === undefined ? name : `${role} : ${name}`))) {
      const near = didYouMean(
        startAtTask,
        names.map(({ name }) => name),
      )
      throw new MlopsError('play.start-at', `no task matches --start-at-task ${startAtTask}`, {
        hint: near ?? 'mlops play --list-tasks shows their names',
      })
    }
  }
  const tags = new Set([...steps, ...plays.flatMap(play => play.handlers)].flatMap(step => step.keywords.tags))
  for (const [flag, wanted] of [
    ['--tags', options.tags],
    ['--skip-tags', options.skipTags],
  ] as const) {
    for (const tag of wanted) {
      if (WORDS.has(tag) || tags.has(tag)) continue
      const near = didYouMean(tag, tags)
      emitter.warn(`${flag} ${tag}: no task has this tag${near === undefined ? '' : `; ${near}`}`)
    }
  }
}
