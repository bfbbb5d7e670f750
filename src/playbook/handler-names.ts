import { didYouMean } from '../near.ts'
import { holdsTemplate } from '../schema/check-args.ts'
import type { Problems } from './problems.ts'
import type { Handler, Include, Step, Task } from './types.ts'

/** Warns of a `notify` that no handler answers to, where all handlers are known before the play begins. */
export function warnOfUnknownHandlers(steps: readonly Step[], handlers: readonly Handler[], problems: Problems): void {
  const { tasks, includes } = flatten(steps)
  const answers = handlers.flatMap(handler => [
    handler.name ?? handler.moduleAsWritten,
    ...(handler.role ? [`${handler.role.name} : ${handler.name}`] : []),
    ...handler.listen.map(topic => topic.value),
  ])
  if (includes.length > 0 || answers.some(holdsTemplate)) return
  for (const { value, at } of [...tasks, ...handlers].flatMap(task => task.notify)) {
    if (holdsTemplate(value) || answers.includes(value)) continue
    const hint = didYouMean(value, answers)
    problems.warn(`no handler answers to \`${value}\`${hint ? `; ${hint}` : ''}`, at)
  }
}

/** Tasks and includes of a list, those inside blocks too, in the order of the file. */
export function flatten(steps: readonly Step[]): { tasks: readonly Task[]; includes: readonly Include[] } {
  const tasks: Task[] = []
  const includes: Include[] = []
  const walk = (list: readonly Step[]): void => {
    for (const step of list) {
      if (step.kind === 'task') tasks.push(step)
      else if (step.kind === 'include') includes.push(step)
      else if (step.kind === 'block') for (const part of [step.block, step.rescue, step.always]) walk(part)
    }
  }
  walk(steps)
  return { tasks, includes }
}
