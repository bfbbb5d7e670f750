import { ConnectionError } from '../connection/connection.ts'
import { MlopsError } from '../errors.ts'
import { ModuleFailure, type Result } from '../modules/module.ts'
import type { Task } from '../playbook/types.ts'
import type { TaskOutcome } from './world.ts'

/** What an error of a task means for its host. Anything that is neither the host's nor the user's is our bug and goes on. */
export function trouble(error: unknown, task: Task): [TaskOutcome['outcome'], Result] {
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
