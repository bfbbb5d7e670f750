import type { Task } from '../playbook/types.ts'
import type { RunOptions } from './engine.ts'

/** `--start-at-task` and `--step`: whether a task is taken or passed over. */
export class StartAt {
  readonly #matches: ((name: string) => boolean) | undefined
  readonly #confirm: RunOptions['confirmTask']
  #waiting: boolean
  #asking: boolean

  constructor(options: RunOptions) {
    this.#matches = options.startAtTask === undefined ? undefined : matchesTask(options.startAtTask)
    this.#waiting = this.#matches !== undefined
    this.#confirm = options.confirmTask
    this.#asking = this.#confirm !== undefined
  }

  /** Takes note of a step that is no task: an include, `meta`. */
  meet(name: string): void {
    if (this.#matches?.(name)) this.#waiting = false
  }

  /** Whether the task that was named has not been met at all, so that steps are only passed on the way to it. */
  get missed(): boolean {
    return this.#waiting
  }

  /** Whether nothing before the named task, fact gathering apart, may run yet. */
  async reached(task: Pick<Task, 'module'>, name: string): Promise<boolean> {
    if (this.#waiting) {
      if (this.#matches?.(name)) this.#waiting = false
      else return task.module === 'setup' && name === 'Gathering Facts'
    }
    if (!this.#asking || !this.#confirm) return true
    const answer = await this.#confirm(name)
    if (answer === 'continue') this.#asking = false
    return answer !== 'no'
  }
}

/** Whether a name, with its role in front or not, is what `--start-at-task` says: itself, or a pattern. */
export function matchesTask(wanted: string): (name: string) => boolean {
  const pattern = glob(wanted)
  return name => {
    const bare = name.includes(' : ') ? name.slice(name.indexOf(' : ') + 3) : name
    return [name, bare].some(each => each === wanted || pattern.test(each))
  }
}

function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's')
}
