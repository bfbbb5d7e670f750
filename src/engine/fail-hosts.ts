import { MlopsError } from '../errors.ts'
import type { TaskRef } from '../events.ts'
import { ModuleFailure } from '../modules/module.ts'
import type { HostState } from './host-state.ts'
import type { PlayWorld, Surroundings } from './world.ts'

export interface FailHow extends Pick<Surroundings, 'rescuable'> {
  /** They go on (`ignore_errors`). */
  readonly ignored?: boolean
  readonly register?: string | undefined
  /** Nothing comes of it but that the step is not opened. */
  readonly silent?: boolean
}

/** Fails hosts that could not open a step: an include, the loop of a block. An error that is neither theirs nor the user's goes on. */
export function failHosts(
  world: PlayWorld,
  ref: TaskRef,
  hosts: readonly HostState[],
  error: unknown,
  { rescuable, ignored = false, register, silent = false }: FailHow,
): void {
  if (!(error instanceof MlopsError || error instanceof ModuleFailure)) throw error
  if (silent) return
  const at =
    error instanceof MlopsError && error.at ? { at: `${error.at.file}:${error.at.line}:${error.at.column}` } : {}
  const hint = error instanceof MlopsError && error.hint ? { hint: error.hint } : {}
  const result = { changed: false, failed: true, msg: error.message, ...at, ...hint }
  for (const host of hosts) {
    if (register !== undefined) host.registered[register] = result
    if (!ignored) host.failure = { task: ref, result }
    if (ignored) {
      host.summary.ok++
      host.summary.ignored++
    } else if (rescuable) host.summary.rescued++
    else {
      host.summary.failed++
      host.removed = true
    }
    world.emitter.say({
      type: 'task-finished',
      host: host.name,
      task: ref,
      outcome: 'failed',
      ...(ignored ? { ignored } : rescuable ? { rescued: true } : {}),
      ms: 0,
      result,
    })
  }
}
