import type { TaskRef } from '../events.ts'
import type { Task } from '../playbook/types.ts'
import type { Names } from './context.ts'
import type { HostState } from './host-state.ts'
import { truth } from './truth.ts'
import type { PlayWorld } from './world.ts'

/** A task that some hosts have done. */
export interface Judged {
  readonly ref: TaskRef
  readonly hosts: readonly HostState[]
  readonly names: Names
  /** One of them did it for all (`run_once`). */
  readonly once: boolean
  /** A block around will take the failure. */
  readonly rescuable: boolean
}

/** After a task: whether so many hosts failed that all the others fail with them. A `rescue` takes them all in. */
export function judge(world: PlayWorld, task: Task, { ref, hosts, names, once, rescuable }: Judged): void {
  const fallen = hosts.filter(host => host.failure !== undefined || host.unreachable)
  if (fallen.length === 0) return
  const { anyErrorsFatal } = task.keywords
  const { batch } = world.view
  const { maxFailPercentage } = world.play
  // as in Ansible: who could not be reached, or will be rescued, does not count
  const lost = rescuable ? 0 : batch.filter(host => host.failure !== undefined && !host.unreachable).length
  const fatal =
    (once && fallen.some(host => host.unreachable)) ||
    (anyErrorsFatal !== undefined && truth(names.written(anyErrorsFatal))) ||
    (maxFailPercentage !== undefined && lost / batch.length > Number(names.written(maxFailPercentage)) / 100)
  if (!fatal) return
  if (!rescuable) world.progress.breaks()
  const failure = fallen.find(host => host.failure)?.failure ?? { task: ref, result: { failed: true } }
  for (const host of batch.filter(host => host.active)) {
    host.failure = failure
    if (!rescuable) host.removed = true
  }
}
