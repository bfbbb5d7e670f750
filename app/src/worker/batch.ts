export interface BatchLimits {
  /** How many rows are done in one go; a job that has more is done alone. */
  readonly max: number
  /** How long a row waits for others at the most, when there were many a moment ago. */
  readonly waitMs: number
}

/**
 * Gathers jobs, so that many cost little more than one. What comes to an idle worker is done at once; jobs that come while it works are
 * done together afterwards; and after a batch of several it waits a moment for as many again. A batch that fails is done again job by
 * job: one bad job takes no other with it.
 */
export function batching<Job, Result>(
  { max, waitMs }: BatchLimits,
  sizeOf: (job: Job) => number,
  run: (jobs: readonly Job[]) => Promise<readonly Result[]>,
): (job: Job) => Promise<Result> {
  interface Entry {
    readonly job: Job
    readonly size: number
    readonly resolve: (result: Result) => void
    readonly reject: (error: unknown) => void
  }
  let waiting: Entry[] = []
  let state: 'idle' | 'gathering' | 'running' = 'idle'
  let timer: NodeJS.Timeout | undefined
  let last = { size: 0, endMs: Number.NEGATIVE_INFINITY }
  const gathered = () => waiting.reduce((sum, { size }) => sum + size, 0)
  /** How many are worth waiting for: as many as just now, and no more than one when nothing was going on. */
  const goal = () => (performance.now() - last.endMs <= waitMs ? Math.min(max, last.size) : 1)

  function gather(): void {
    state = 'gathering'
    // Everything that lies in the socket by now is taken along.
    setImmediate(() => {
      if (waitMs === 0 || gathered() >= goal()) void flush()
      else timer = setTimeout(flush, waitMs)
    })
  }

  async function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    state = 'running'
    const entries = next()
    await settle(entries)
    last = { size: entries.reduce((sum, { size }) => sum + size, 0), endMs: performance.now() }
    state = 'idle'
    if (waiting.length > 0) gather()
  }

  function next(): Entry[] {
    let [count, size] = [0, 0]
    for (const entry of waiting) {
      if (count > 0 && size + entry.size > max) break
      count++
      size += entry.size
    }
    const entries = waiting.slice(0, count)
    waiting = waiting.slice(count)
    return entries
  }

  async function settle(entries: readonly Entry[]): Promise<void> {
    try {
      const results = await run(entries.map(({ job }) => job))
      for (const [index, entry] of entries.entries()) {
        const result = results[index]
        if (result === undefined) entry.reject(new Error(`a batch of ${entries.length} gave ${results.length} results`))
        else entry.resolve(result)
      }
    } catch (error) {
      if (entries.length === 1) entries[0]?.reject(error)
      else for (const entry of entries) await settle([entry])
    }
  }

  return job =>
    new Promise((resolve, reject) => {
      waiting.push({ job, size: sizeOf(job), resolve, reject })
      if (state === 'idle') gather()
      else if (timer !== undefined && gathered() >= goal()) void flush()
    })
}
