import type { Event, Reporter } from '../events.ts'
import type { Layout } from './ansible-lines.ts'
import { Failures } from './failures.ts'
import { FoldedLines } from './folded-lines.ts'
import { flushed, type Output } from './output.ts'
import { Profile } from './profile.ts'
import { connectionText, warningText } from './remarks.ts'
import { Running } from './running.ts'
import { displayWidth, truncate } from './text.ts'

/** Time as the live view needs it; tests bring their own. */
export interface Clock {
  now(): number
  /** Calls back once, later; the function that is returned calls it off. Must not keep the process alive. */
  later(ms: number, call: () => void): () => void
}

const REDRAW_MS = 100
const HEARTBEAT_MS = 500

/**
 * For terminals: what is done scrolls away as plain lines, below them stands what runs.
 * Redraws at most ten times a second, whatever comes in.
 */
export class LiveReporter implements Reporter {
  private readonly lines: FoldedLines
  private readonly failures = new Failures()
  private readonly profile = new Profile()
  private readonly running = new Running()
  private readonly layout: Layout
  private readonly output: Output
  private readonly clock: Clock
  private waiting = ''
  /** How wide each line of the view is, as it was drawn. */
  private drawn: readonly number[] = []
  private drawnAt = Number.NEGATIVE_INFINITY
  private planned: { readonly at: number; readonly cancel: () => void } | undefined
  private held = 0

  constructor(layout: Layout, output: Output, clock: Clock = realClock) {
    this.layout = layout
    this.lines = new FoldedLines(layout, { always: layout.fold === true })
    this.output = output
    this.clock = clock
  }

  on(event: Event): void {
    this.failures.see(event)
    this.profile.see(event)
    this.running.see(event, this.clock.now())
    this.waiting += this.lines.text(event)
    if (event.type === 'warning') this.waiting += warningText(event, this.layout.paint)
    if (event.type === 'run-finished') this.finish(event)
    else this.plan(this.drawnAt + REDRAW_MS)
  }

  /** Takes the view away while something else uses the terminal (a prompt), until the returned function is called. */
  hold(): () => void {
    this.held++
    this.draw()
    let isHeld = true
    return () => {
      if (isHeld) this.held--
      isHeld = false
      this.plan(this.drawnAt + REDRAW_MS)
    }
  }

  async close(): Promise<void> {
    this.callOff()
    this.waiting += this.lines.flush()
    this.running.clear()
    this.held = 0
    this.draw()
    await flushed(this.output)
  }

  private finish(event: Extract<Event, { type: 'run-finished' }>): void {
    if (event.interrupted) {
      this.waiting += warningText({ message: 'interrupted: later tasks were not done' }, this.layout.paint)
    }
    this.waiting += this.failures.text(this.layout.paint) + connectionText(event, this.layout)
    if (this.layout.profile) this.waiting += this.profile.text(event, this.layout.paint)
    this.running.clear()
    this.callOff()
    this.draw()
  }

  /** One redraw is planned at a time: the soonest that was asked for. */
  private plan(at: number): void {
    if (this.planned && this.planned.at <= at) return
    this.planned?.cancel()
    const wait = Math.max(0, at - this.clock.now())
    const cancel = this.clock.later(wait, () => {
      this.planned = undefined
      this.draw()
      if (this.running.any() && this.held === 0) this.plan(this.drawnAt + HEARTBEAT_MS)
    })
    this.planned = { at, cancel }
  }

  private callOff(): void {
    this.planned?.cancel()
    this.planned = undefined
  }

  /** One write: the old view away, the lines that are done, the new view. While held, lines wait. */
  private draw(): void {
    const columns = this.output.columns || 80
    const running = this.held > 0 ? [] : this.running.lines(this.clock.now(), (this.output.rows || 24) - 2)
    const status = running.map(line => truncate(line, columns - 1))
    // A terminal that has become narrower has wrapped what stands there
    const rows = this.drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0)
    const erase = rows === 0 ? '' : `\x1b[${rows}A\r\x1b[J`
    const done = this.held > 0 && rows === 0 ? '' : this.waiting
    const text = erase + done + status.map(line => `${this.layout.paint.dim(line)}\n`).join('')
    if (done !== '') this.waiting = ''
    this.drawn = status.map(displayWidth)
    this.drawnAt = this.clock.now()
    if (text !== '') this.output.write(text)
  }
}

const realClock: Clock = {
  now: () => performance.now(),
  later(ms, call) {
    const timer = setTimeout(call, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
