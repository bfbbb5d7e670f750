/** At most `size` pieces of work at a time, over all plays of a run. */
export class Pool {
  readonly #size: number
  #busy = 0
  readonly #gates = new Map<string, Pool>()
  readonly #waiting: (() => void)[] = []

  constructor(size: number) {
    this.#size = size
  }

  /** Does `work` for every item; rejects with the first error, after all have ended. */
  async each<T>(items: readonly T[], work: (item: T) => Promise<void>, limit = items.length): Promise<void> {
    const [first] = items
    if (first !== undefined && items.length === 1) return this.#one(first, work)
    const queue = [...items]
    const errors: unknown[] = []
    const lane = async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift())
        await this.#one(item, work).catch(error => errors.push(error))
    }
    await Promise.all(Array.from({ length: Math.min(limit, queue.length) }, lane))
    if (errors.length > 0) throw errors[0]
  }

  /** As `each`, for one of several who share a limit under a name (`throttle` over hosts that go at their own pace); 0: no limit. */
  async limited<T>(name: string, limit: number, items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    if (!(limit > 0)) return this.each(items, work)
    const gate = this.#gates.get(name) ?? new Pool(limit)
    this.#gates.set(name, gate)
    await gate.each(items, item => this.each([item], work))
  }

  async #one<T>(item: T, work: (item: T) => Promise<void>): Promise<void> {
    if (this.#busy < this.#size) this.#busy++
    else await new Promise<void>(resolve => this.#waiting.push(resolve))
    try {
      await work(item)
    } finally {
      this.#leave()
    }
  }

  /** Hands its place to the next in line, if there is one. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#busy--
  }
}
