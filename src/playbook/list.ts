import type { Include, Meta, Play, Playbook, Step, Task } from './types.ts'

/** A play as `--list-tasks` and `--list-tags` show it. */
export interface ListedPlay {
  readonly play: Play
  /** Tags of the play itself, sorted. */
  readonly tags: readonly string[]
  /** In the order they are played, `rescue` and `always` too; those inside includes are not known yet. */
  readonly tasks: readonly ListedTask[]
  /** Tags of all these tasks, each once, sorted. */
  readonly taskTags: readonly string[]
}

export type ListedStep = Task | Include | Meta

export interface ListedTask {
  /** As written, `role : name`; the module of a task without a name. */
  readonly name: string
  readonly tags: readonly string[]
  readonly step: ListedStep
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

/** The steps of a list, those inside blocks too, in the order of the file; without the flushes that nobody wrote. */
export function flatten(steps: readonly Step[]): readonly ListedStep[] {
  return steps.flatMap(step => {
    if (step.kind === 'block') return flatten([...step.block, ...step.rescue, ...step.always])
    return step.kind === 'meta' && isImplicit(step) ? [] : [step]
  })
}

function shownName(step: ListedStep): string {
  if (step.name !== undefined) return step.role ? `${step.role.name} : ${step.name}` : step.name
  if (step.kind === 'task') return step.moduleAsWritten
  return step.kind === 'meta' ? 'meta' : `include_${step.what}`
}

const implicit = 'flush'

/** The id of a flush of handlers that a play does by itself. */
export function implicitFlushId(session: { nextId(kind: string): string }): string {
  return session.nextId(implicit)
}

/** Whether nobody wrote the step: a play runs its handlers at its ends. */
export function isImplicit(step: Meta): boolean {
  return step.id.startsWith(implicit)
}
