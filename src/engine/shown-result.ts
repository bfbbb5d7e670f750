import { MlopsError } from '../errors.ts'
import type { Result } from '../modules/module.ts'
import type { Task } from '../playbook/types.ts'
import type { Names } from './context.ts'
import { truth } from './truth.ts'
import type { LoopSayings } from './world.ts'

/** Whether a failure of the task, or of the include, is ignored. */
export function isIgnored({ keywords }: Pick<Task, 'keywords'>, names: Names): boolean {
  return keywords.ignoreErrors ? truth(names.written(keywords.ignoreErrors)) : false
}

/** Whether nothing that the task says may be shown (`no_log`). */
export function isHidden(task: Task, names: Names): boolean {
  return task.keywords.noLog !== undefined && truth(names.written(task.keywords.noLog))
}

/** What keywords say of a loop that had no turn. One whose text needs the item hides, and ignores nothing. */
export function saidWithoutTurns(task: Task, names: Names): LoopSayings {
  const say = (read: typeof isHidden, otherwise: boolean) => {
    try {
      return read(task, names)
    } catch (error) {
      if (error instanceof MlopsError) return otherwise
      throw error
    }
  }
  return { isHidden: say(isHidden, true), isIgnored: say(isIgnored, false), notify: [] }
}

/** The result as it may be shown: with `no_log`, nothing but whether it changed or failed. */
export function censored(task: Task, names: Names, result: Result): Result {
  return isHidden(task, names) ? hidden(result) : result
}

/** What is left of a result with `no_log`. */
export function hidden(result: Result): Result {
  return {
    censored: "the output has been hidden due to the fact that 'no_log: true' was specified for this result",
    changed: result.changed === true,
    ...(result.failed ? { failed: true } : {}),
  }
}
