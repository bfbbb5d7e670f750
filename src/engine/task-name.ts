import type { Include, Meta, Task } from '../playbook/types.ts'
import type { HostState } from './host-state.ts'
import type { PlayWorld, Surroundings } from './world.ts'

type Around = Pick<Surroundings, 'extra'>

/** The task's name as it is shown: opened where it can be, with its role in front. */
export function taskName(world: PlayWorld, task: Task, host: HostState, around: Around): string {
  return inRole(task, opened(world, task, host, around) ?? task.moduleAsWritten)
}

/** As `taskName`, for an include; that of a role stands under its own name, or that of the role it brings. */
export function includeName(world: PlayWorld, include: Include, host: HostState, around: Around): string {
  const name = opened(world, include, host, around)
  if (include.what === 'tasks') return inRole(include, name ?? include.moduleAsWritten)
  return name ?? `${include.moduleAsWritten} : ${include.target.value}`
}

/** The name of any step. */
export function stepName(world: PlayWorld, step: Task | Include | Meta, host: HostState, around: Around): string {
  switch (step.kind) {
    case 'task':
      return taskName(world, step, host, around)
    case 'include':
      return includeName(world, step, host, around)
    case 'meta':
      return inRole(step, opened(world, step, host, around) ?? 'meta')
    default:
      return step satisfies never
  }
}

function opened(world: PlayWorld, step: Task | Include | Meta, host: HostState, { extra }: Around): string | undefined {
  if (step.name === undefined) return undefined
  try {
    return String(world.nameSpace.names(host, world, step, extra).open(step.name))
  } catch {
    // a name with an undefined variable is shown as it was written
    return step.name
  }
}

function inRole({ role }: Pick<Task, 'role'>, name: string): string {
  return role ? `${role.name} : ${name}` : name
}
