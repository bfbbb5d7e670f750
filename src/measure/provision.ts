/** A part of the way from nothing to the first prediction. */
export interface Phase {
  readonly name: string
  readonly ms: number
}

export interface Timeline {
  /** One after the other. */
  readonly phases: readonly Phase[]
  readonly totalMs: number
  /** What was said meanwhile, in milliseconds since the beginning. */
  readonly marks: readonly { readonly at: number; readonly what: string }[]
}

/** Takes the time of phases that follow each other; `now` in milliseconds. */
export class Stopwatch {
  readonly #now: () => number
  readonly #start: number
  readonly #phases: Phase[] = []
  readonly #marks: { at: number; what: string }[] = []
  #since: number
  #name: string

  constructor(name: string, now: () => number = () => performance.now()) {
    this.#now = now
    this.#start = now()
    this.#since = this.#start
    this.#name = name
  }

  /** Ends a phase, and begins the next. */
  phase(name: string): void {
    const now = this.#now()
    this.#phases.push({ name: this.#name, ms: now - this.#since })
    this.#since = now
    this.#name = name
  }

  mark(what: string): void {
    this.#marks.push({ at: this.#now() - this.#start, what })
  }

  /** Ends the last phase. */
  end(): Timeline {
    this.phase('')
    return { phases: this.#phases, totalMs: this.#since - this.#start, marks: this.#marks }
  }
}

/** Timelines side by side: titles, and a row for each phase that one of them has. Seconds; the last row is the sum. */
export function comparison(timelines: Readonly<Record<string, Timeline>>): { titles: string[]; rows: string[][] } {
  const all = Object.values(timelines)
  const names = [...new Set(all.flatMap(({ phases }) => phases.map(phase => phase.name)))]
  const cell = ({ phases }: Timeline, name: string) => {
    const ms = phases.filter(phase => phase.name === name).reduce((sum, phase) => sum + phase.ms, 0)
    return phases.some(phase => phase.name === name) ? seconds(ms) : ''
  }
  return {
    titles: ['SECONDS', ...Object.keys(timelines).map(name => name.toUpperCase())],
    rows: [
      ...names.map(name => [name, ...all.map(timeline => cell(timeline, name))]),
      ['together', ...all.map(({ totalMs }) => seconds(totalMs))],
    ],
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
