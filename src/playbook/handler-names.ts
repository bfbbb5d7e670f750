import { didYouMean } from '../near.ts'
import { holdsTemplate } from '../schema/check-args.ts'
import { flatten } from './list.ts'
import type { Problems } from './problems.ts'
import type { Handler, Step } from './types.ts'

/** Warns of a `notify` that no handler answers to, where all handlers are known before the play begins. */
export function warnOfUnknownHandlers(steps: readonly Step[], handlers: readonly Handler[], problems: Problems): void {
  const flat = flatten(steps)
  const tasks = flat.filter(step => step.kind === 'task')
  const answers = handlers.flatMap(handler => [
    handler.name ?? (handler.kind === 'meta' ? 'meta' : handler.moduleAsWritten),
    ...(handler.role ? [`${handler.role.name} : ${handler.name}`] : []),
    ...handler.listen.map(topic => topic.value),
  ])
  if (flat.some(step => step.kind === 'include') || answers.some(holdsTemplate)) return
  for (const { value, at } of [...tasks, ...handlers].flatMap(task => ('notify' in task ? task.notify : []))) {
    if (holdsTemplate(value) || answers.includes(value)) continue
    const hint = didYouMean(value, answers)
    problems.warn(`no handler answers to \`${value}\`${hint ? `; ${hint}` : ''}`, at)
  }
}
