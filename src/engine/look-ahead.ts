import type { ScriptResult } from '../connection/connection.ts'

/** Looks expire: what somebody else changes meanwhile is seen after this time. */
export const lookLifetimeMs = 5_000

/** The largest number of looks that ride in one frame. */
const largestBatch = 96

/**
 * What was seen on a host before its turn. A look is known by its whole text and by whom it ran as, so an
 * answer is used only for exactly the question that was asked. Any change on the host voids all of them.
 */
export class LookCache {
  readonly #seen = new Map<string, { result: ScriptResult; at: number }>()
  #batch = largestBatch
  /** Whom the host has let us be (`identity`). Nobody else's looks ride ahead: a user who is not there is his own task's trouble. */
  readonly known = new Set<string>()

  /** Takes the answer out, if it is there and fresh. */
  take(key: string, now: number): ScriptResult | undefined {
    const entry = this.#seen.get(key)
    if (entry === undefined || now - entry.at > lookLifetimeMs) return undefined
    return entry.result
  }

  put(key: string, result: ScriptResult, now: number): void {
    this.#seen.set(key, { result, at: now })
  }

  /** How many looks to send now. Doubles while nothing changes, falls to one at a change: a first run must not look in vain. */
  get batch(): number {
    return this.#batch
  }

  grow(): void {
    this.#batch = Math.min(largestBatch, this.#batch * 2)
  }

  /** Something may have changed on the host: what was seen ahead is void. */
  void(): void {
    this.#seen.clear()
  }

  /** Something was changed, so more will be: look one step ahead only. */
  shrink(): void {
    this.#seen.clear()
    this.#batch = 1
  }
}
