/** Work on one machine for several hosts at the same time (`delegate_to`, hosts that are all this machine). */
export class Visits {
  readonly #lanes = new Map<string, Set<number>>()
  readonly #last = new Map<string, Promise<unknown>>()

  /** Does `work` on the first lane to the host that no other visitor is on. */
  async onLane<T>(host: string, work: (lane: number) => Promise<T>): Promise<T> {
    const taken = this.#lanes.get(host) ?? new Set()
    this.#lanes.set(host, taken)
    let lane = 0
    while (taken.has(lane)) lane++
    taken.add(lane)
    try {
      return await work(lane)
    } finally {
      taken.delete(lane)
    }
  }

  /** Does `work` when those who came before are done with the place; `waited`: somebody was there. */
  async alone<T>(place: string, work: (waited: boolean) => Promise<T>): Promise<T> {
    const before = this.#last.get(place)
    const mine = before === undefined ? work(false) : before.then(() => work(true))
    const ended = mine.then(
      () => undefined,
      () => undefined,
    )
    this.#last.set(place, ended)
    try {
      return await mine
    } finally {
      if (this.#last.get(place) === ended) this.#last.delete(place)
    }
  }
}
