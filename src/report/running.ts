import type { Event } from '../events.ts'
import { duration, oneLine, pad } from './text.ts'

const OUTPUT_LINES = 3
/** So much of a long command's output is kept to show its last lines. */
const KEPT_CHARACTERS = 2000

interface Work {
  readonly host: string
  readonly task: string
  readonly since: number
  output: string
}

/** What runs right now, host by host. */
export class Running {
  private readonly work = new Map<string, Work>()
  private started: number | undefined

  /** `now` in milliseconds of any steady clock. */
  see(event: Event, now: number): void {
    this.started ??= now
    switch (event.type) {
      case 'host-started':
        this.work.set(event.host, { host: event.host, task: oneLine(event.task.name), since: now, output: '' })
        break
      case 'output': {
        const work = this.work.get(event.host)
        if (work) work.output = (work.output + event.text).slice(-KEPT_CHARACTERS)
        break
      }
      case 'task-finished':
        this.work.delete(event.host)
        break
      case 'run-finished':
        this.work.clear()
        break
    }
  }

  any(): boolean {
    return this.work.size > 0
  }

  clear(): void {
    this.work.clear()
  }

  /** The hosts that work for longest first, with the last lines of what they print, in at most so many lines. */
  lines(now: number, rows: number): string[] {
    // Two lines say what is left out and the time since the start.
    const most = Math.max(1, rows - 2)
    const all = [...this.work.values()]
    if (all.length === 0) return []
    const blocks = all.sort((a, b) => a.since - b.since).map(work => ({ work, output: lastLines(work.output) }))
    const width = Math.min(30, Math.max(...blocks.map(({ work }) => work.host.length)))
    const lines: string[] = []
    let shown = 0
    for (const { work, output } of blocks) {
      const block = [`  ${pad(work.host, width)}  ${work.task}  ${duration(now - work.since)}`, ...output]
      if (lines.length + block.length > most) break
      lines.push(...block)
      shown++
    }
    const rest = shown < blocks.length ? [`  … and ${blocks.length - shown} more hosts at work`] : []
    const total = `  ${all.length} ${all.length === 1 ? 'host' : 'hosts'} at work, ${duration(now - (this.started ?? now))} since the start`
    return [...lines, ...rest, total]
  }
}

function lastLines(output: string): string[] {
  return output
    .split(/[\r\n]+/)
    .map(line => oneLine(line).trimEnd())
    .filter(line => line !== '')
    .slice(-OUTPUT_LINES)
    .map(line => `    │ ${line}`)
}
