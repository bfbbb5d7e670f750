import type { Result } from '../modules/module.ts'

type Stats = Record<string, unknown>

/** What `set_stats` gathers: of the run under `_run`, or under the name of a host. */
export class CustomStats {
  readonly #stats = new Map<string, Stats>()

  /** Takes what a result brings, and those of its items. */
  learn(host: string, result: Result): void {
    const { results } = result
    for (const each of Array.isArray(results) ? (results as Result[]) : [result]) this.#take(host, each) // of a loop
  }

  /** Undefined when nothing was gathered. */
  get all(): Readonly<Record<string, Readonly<Stats>>> | undefined {
    return this.#stats.size === 0 ? undefined : Object.fromEntries(this.#stats)
  }

  #take(host: string, { ansible_stats: said }: Result): void {
    if (!isRecord(said) || !isRecord(said['data'])) return
    const owner = said['per_host'] === false ? '_run' : host
    const known = this.#stats.get(owner) ?? {}
    this.#stats.set(owner, known)
    for (const [name, value] of Object.entries(said['data'])) {
      const before = known[name]
      if (said['aggregate'] === false || before === undefined) known[name] = value
      else known[name] = together(before, value)
    }
  }
}

/** Numbers and texts are added, lists joined, dictionaries merged; what is of another kind stays out. */
function together(before: unknown, value: unknown): unknown {
  if (typeof before === 'number' && typeof value === 'number') return before + value
  if (typeof before === 'string' && typeof value === 'string') return before + value
  if (Array.isArray(before) && Array.isArray(value)) return [...before, ...value]
  if (isRecord(before) && isRecord(value)) return { ...before, ...value }
  return before
}

function isRecord(value: unknown): value is Readonly<Stats> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
