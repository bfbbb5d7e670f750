import type { Event, PlayRef, Reporter } from '../events.ts'

type Trip = Extract<Event, { type: 'trip' }>

/** A run in Chrome's trace format, for flame charts: a row for each host with its tasks and, below them, its trips. Times in microseconds. */
export class TraceReporter implements Reporter {
  private readonly write: (text: string) => void
  private readonly rows = new Map<string, number>()
  private readonly trips = new Map<string, Trip[]>()
  private play: { readonly play: PlayRef; readonly at: number } | undefined
  private any = false

  /** `write` takes the text piece by piece. */
  constructor(write: (text: string) => void) {
    this.write = write
    write('{"displayTimeUnit":"ms","traceEvents":[')
    this.add({ name: 'process_name', ph: 'M', pid: PROCESS, args: { name: 'mlops play' } })
    this.rowOf('plays')
  }

  on(event: Event): void {
    switch (event.type) {
      case 'play-started':
        this.endPlay(event.at)
        this.play = event
        return
      case 'trip':
        this.trips.set(event.host, [...(this.trips.get(event.host) ?? []), event])
        return
      case 'task-finished':
        this.addTask(event)
        return
      case 'run-finished':
        this.endPlay(event.at)
        for (const host of this.trips.keys()) this.addTrips(host, { from: 0, to: event.at })
    }
  }

  async close(): Promise<void> {
    this.write('\n]}\n')
  }

  private endPlay(at: number): void {
    if (this.play) this.span('plays', this.play.play.name, { from: this.play.at, to: at })
    this.play = undefined
  }

  private addTask({ host, task, at, ms, outcome }: Extract<Event, { type: 'task-finished' }>): void {
    const time = { from: at - ms, to: at }
    this.span(host, task.name, time, { module: task.module, outcome, ...(task.at ? { at: placeText(task.at) } : {}) })
    this.addTrips(host, time)
  }

  /** A trip must not stick out of its task: a flame chart would draw it elsewhere. */
  private addTrips(host: string, { from, to }: Time): void {
    for (const { at, ms, phase, roundTrips, bytesSent, bytesReceived } of this.trips.get(host) ?? []) {
      const time = { from: Math.max(from, at - ms), to: Math.min(to, at) }
      this.span(host, phase, time, { roundTrips, bytesSent, bytesReceived })
    }
    this.trips.delete(host)
  }

  private span(row: string, name: string, { from, to }: Time, args: Readonly<Record<string, unknown>> = {}): void {
    const [ts, end] = [Math.round(from * 1000), Math.round(to * 1000)]
    this.add({ name, ph: 'X', pid: PROCESS, tid: this.rowOf(row), ts, dur: Math.max(0, end - ts), args })
  }

  private rowOf(name: string): number {
    const known = this.rows.get(name)
    if (known !== undefined) return known
    const row = this.rows.size
    this.rows.set(name, row)
    this.add({ name: 'thread_name', ph: 'M', pid: PROCESS, tid: row, args: { name } })
    return row
  }

  private add(entry: Readonly<Record<string, unknown>>): void {
    this.write(`${this.any ? ',' : ''}\n${JSON.stringify(entry)}`)
    this.any = true
  }
}

const PROCESS = 1

interface Time {
  /** Milliseconds since 1970. */
  readonly from: number
  readonly to: number
}

function placeText({ file, line }: { readonly file: string; readonly line: number }): string {
  return `${file}:${line}`
}
