import type { Event, TaskRef } from '../events.ts'
import type { Paint } from './paint.ts'
import { table } from './table.ts'
import { duration, oneLine } from './text.ts'

const SLOWEST = 10

interface Cost {
  readonly task: TaskRef
  hosts: number
  totalMs: number
  longestMs: number
  slowest: string
}

/** Where the time of a run went: `--profile`. */
export class Profile {
  private readonly costs = new Map<string, Cost>()

  see(event: Event): void {
    if (event.type !== 'task-finished' || event.outcome === 'skipped') return
    const known = this.costs.get(event.task.id)
    const cost = known ?? { task: event.task, hosts: 0, totalMs: 0, longestMs: -1, slowest: '' }
    cost.hosts++
    cost.totalMs += event.ms
    if (event.ms > cost.longestMs) {
      cost.longestMs = event.ms
      cost.slowest = event.host
    }
    this.costs.set(event.task.id, cost)
  }

  /** The ten tasks that kept a host longest, then what the whole run cost. */
  text(run: Extract<Event, { type: 'run-finished' }>, paint: Paint): string {
    const slowest = [...this.costs.values()].sort((a, b) => b.longestMs - a.longestMs).slice(0, SLOWEST)
    const rows = slowest.map(({ task, hosts, totalMs, longestMs, slowest: host }) => [
      duration(longestMs),
      host,
      String(hosts),
      duration(totalMs),
      oneLine(task.name) + (task.at ? ` (${task.at.file}:${task.at.line})` : ''),
    ])
    const columns = [
      { title: 'LONGEST', right: true },
      { title: 'ON HOST' },
      { title: 'HOSTS', right: true },
      { title: 'TOGETHER', right: true },
      { title: 'TASK' },
    ]
    return `${paint.bold('SLOWEST TASKS')}\n${table(columns, rows)}\n${this.totals(run)}\n`
  }

  private totals(run: Extract<Event, { type: 'run-finished' }>): string {
    const lines = Object.values(run.connections)
    const sum = (of: (line: (typeof lines)[number]) => number) => lines.reduce((all, line) => all + of(line), 0)
    const tasks = [...this.costs.values()]
    const done = tasks.reduce((all, cost) => all + cost.hosts, 0)
    const worked = duration(tasks.reduce((all, cost) => all + cost.totalMs, 0))
    const sent = kilobytes(sum(line => line.bytesSent))
    const received = kilobytes(sum(line => line.bytesReceived))
    return (
      `run: ${duration(run.ms)}, of ${worked} on the hosts together; ${tasks.length} tasks, done ${done} times\n` +
      `lines: ${lines.length} hosts, ${sum(line => line.roundTrips)} round trips, ${sent} out, ${received} in\n`
    )
  }
}

/** Bytes for people. */
export function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}
