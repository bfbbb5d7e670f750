import type { Result } from '../modules/module.ts'
import type { Task } from '../playbook/types.ts'
import type { Names } from './context.ts'
import { truth } from './truth.ts'

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
