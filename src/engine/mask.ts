import type { Event } from '../events.ts'
import type { Result } from '../modules/module.ts'
import { Hidden, revealed } from '../vault/revealed.ts'

/** Secret values that the run has met, beside those that came out of vaults. Events pass through `hideEvent` before anybody sees them. */
export class Secrets {
  readonly #own = new Hidden()

  /** Values of fewer than four characters are not masked: they would blot out ordinary text. */
  add(value: unknown): void {
    this.#own.add(value)
  }

  /** What a `no_log` task said: its output and the facts that it set are secret from here on. */
  addResult(result: Result, module: string): void {
    const items = Array.isArray(result['results']) ? (result['results'] as Result[]) : [] // results of a loop
    for (const each of [result, ...items]) {
      for (const key of SECRET_KEYS) this.add(each[key])
      if (module === 'set_fact' || module === 'include_vars') this.add(each['ansible_facts'])
    }
  }

  /** A copy in which every secret is replaced by asterisks; the value itself when there is none. */
  hide<T>(value: T): T {
    if (this.#own.size === 0 && revealed.size === 0) return value
    return this.#hide(value) as T // the shape stays; only text inside changes
  }

  /** An event without secrets. Names that reporters go by stay as they are. */
  hideEvent(event: Event): Event {
    if (this.#own.size === 0 && revealed.size === 0) return event
    const hidden = Object.entries(event).map(([key, value]) => [
      key,
      STRUCTURE.has(key) ? value : this.#hidePart(key, value),
    ])
    return Object.fromEntries(hidden) as Event // as above
  }

  #hidePart(key: string, value: unknown): unknown {
    if ((key === 'task' || key === 'play') && isRecord(value)) return { ...value, name: this.#hide(value['name']) }
    return this.#hide(value)
  }

  #hide(value: unknown): unknown {
    if (typeof value === 'string') return revealed.hide(this.#own.hide(value))
    if (Array.isArray(value)) return value.map(item => this.#hide(item))
    if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#hide(item)]))
    return value
  }
}

/** What of a result may hold what a `no_log` task was to keep. */
const SECRET_KEYS = ['stdout', 'stdout_lines', 'stderr', 'content', 'json'] as const
const STRUCTURE = new Set(['type', 'at', 'outcome', 'host', 'hosts', 'delegatedTo', 'summary', 'connections', 'ms'])

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
