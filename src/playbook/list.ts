import type { Include, Play, Playbook, Step, Task } from './types.ts'

/** A play as `--list-tasks` and `--list-tags` show it. */
export interface ListedPlay {
  readonly play: Play
  /** Tags of the play itself, sorted. */
  readonly tags: readonly string[]
  /** Tasks and includes in the order they are played; those inside includes are not known yet. */
  readonly tasks: readonly ListedTask[]
  /** Tags of all these tasks, each once, sorted. */
  readonly taskTags: readonly string[]
}

export interface ListedTask {
  /** As written, `role : name`. */
  readonly name: string
  readonly tags: readonly string[]
  readonly step: Task | Include
}

/** The tasks of a playbook whose tags are selected. */
export function listTasks(
  playbook: Playbook,
  selected: (tags: readonly string[]) => boolean = () => true,
): ListedPlay[] {
  return playbook.plays.map(play => {
    const tasks = flatten(play.steps)
      .filter(step => selected(step.keywords.tags))
      .map(step => ({ name: shownName(step), tags: [...step.keywords.tags].sort(), step }))
    const taskTags = [...new Set(tasks.flatMap(task => task.tags))].sort()
    return { play, tags: [...play.keywords.tags].sort(), tasks, taskTags }
  })
}

/** Tasks and includes of a list, those inside blocks too, in the order of the file. */
export function flatten(steps: readonly Step[]): readonly (Task | Include)[] {
  return steps.flatMap(step => {
    if (step.kind === 'block') return flatten([...step.block, ...step.rescue, ...step.always])
    return step.kind === 'meta' ? [] : [step]
  })
}

function shownName(step: Task | Include): string {
  const name = step.name ?? (step.kind === 'task' ? step.moduleAsWritten : `include_${step.what}`)
  return step.role ? `${step.role.name} : ${name}` : name
}
