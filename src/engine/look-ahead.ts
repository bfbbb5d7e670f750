import type { ScriptResult } from '../connection/connection.ts'
import type { Task } from '../playbook/types.ts'
import type { Done } from './link.ts'

/**
 * Looks expire: what somebody else changes meanwhile is seen after this time. Many hosts go through the same tasks more slowly, and
 * would look again and again.
 */
export function lookLifetimeMs(hosts: number): number {
  return Math.min(5_000 + 100 * hosts, 30_000)
}

/** The largest number of looks that ride in one frame, and of tasks that are looked at ahead. */
export const largestBatch = 96

/**
 * What was seen on a host before its turn. A look is known by its whole text and by whom it ran as, so an
 * answer is used only for exactly the question that was asked. Any change on the host voids all of them.
 */
export class LookCache {
  readonly #seen = new Map<string, { result: ScriptResult; at: number }>()
  #batch = largestBatch
  lifetimeMs = lookLifetimeMs(1)
  /** Whom the host has let us be (`identity`). Nobody else's looks ride ahead: a user who is not there is his own task's trouble. */
  readonly known = new Set<string>()
  #line = ''
  /** Tasks whose turns see each other's changes: they go one by one. */
  readonly apart = new Set<Task>()
  /** Turns of a loop that were done behind an earlier one, by the key of their look. */
  #done = new Map<string, Done>()

  /** Looks hold for the line that they came over: that of a task with `connection: local` leads elsewhere. */
  turnTo(line: string): void {
    if (line === this.#line) return
    this.#line = line
    this.void()
    this.known.clear()
  }

  get line(): string {
    return this.#line
  }

  /** Takes the answer out, if it is there and fresh. */
  take(key: string, now: number): ScriptResult | undefined {
    const entry = this.#seen.get(key)
    if (entry === undefined || now - entry.at > this.lifetimeMs) return undefined
    return entry.result
  }

  /** What became of a turn that went along with an earlier one. Told once: a later turn that asks the same was not done. */
  done(key: string): Done | undefined {
    const done = this.#done.get(key)
    this.#done.delete(key)
    return done
  }

  keep(done: Map<string, Done>): void {
    this.#done = done
  }

  put(key: string, result: ScriptResult, now: number): void {
    this.#seen.set(key, { result, at: now })
  }

  /** How many tasks to look at ahead. Doubles while nothing changes, falls to one at a change: a first run must not look in vain. */
  get batch(): number {
    return this.#batch
  }

  grow(): void {
    this.#batch = Math.min(largestBatch, this.#batch * 2)
  }

  /** Something may have changed on the host: what was seen ahead is void. */
  void(): void {
    this.#seen.clear()
    this.#done = new Map()
  }

  /** Something was changed, so more will be: look one step ahead only. */
  shrink(): void {
    this.void()
    this.#batch = 1
  }
}
