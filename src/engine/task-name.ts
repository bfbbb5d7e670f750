import type { Task } from '../playbook/types.ts'
import type { HostState } from './host-state.ts'
import type { PlayWorld, Surroundings } from './world.ts'

/** The task's name as it is shown: opened where it can be, with its role in front. */
export function taskName(world: PlayWorld, task: Task, host: HostState, around: Pick<Surroundings, 'extra'>): string {
  let name = task.name ?? task.moduleAsWritten
  try {
    name = String(world.nameSpace.names(host, world, task, around.extra).open(name))
  } catch {
    // a name with an undefined variable is shown as it was written
  }
  return task.role ? `${task.role.name} : ${name}` : name
}
