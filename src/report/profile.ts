import type { Event, TaskRef } from '../events.ts'
import type { Paint } from './paint.ts'
import { table } from './table.ts'
import { duration, oneLine } from './text.ts'

const SLOWEST = 10

type Trip = Extract<Event, { type: 'trip' }>

const PHASES = ['connect', 'look', 'change', 'transfer'] as const

/** What trips to hosts cost. */
class Cost {
  readonly ms: Record<Trip['phase'], number> = { connect: 0, look: 0, change: 0, transfer: 0 }
  roundTrips = 0
  bytesSent = 0
  bytesReceived = 0

  add({ phase, ms, roundTrips, bytesSent, bytesReceived }: Trip): void {
    this.ms[phase] += ms
    this.roundTrips += roundTrips
    this.bytesSent += bytesSent
    this.bytesReceived += bytesReceived
  }

  /** What is no trip of all that time is waiting. */
  cells(ofMs: number): string[] {
    const busy = PHASES.reduce((sum, phase) => sum + this.ms[phase], 0)
    return [
      ...PHASES.map(phase => short(this.ms[phase])),
      short(Math.max(0, ofMs - busy)),
      String(this.roundTrips),
      kilobytes(this.bytesSent),
      kilobytes(this.bytesReceived),
    ]
  }
}

class TaskCost extends Cost {
  readonly task: TaskRef
  hosts = 0
  totalMs = 0
  longestMs = -1
  slowest = ''

  constructor(task: TaskRef) {
    super()
    this.task = task
  }
}

/** Where the time of a run went: `--profile`. */
export class Profile {
  private readonly tasks = new Map<string, TaskCost>()
  private readonly hosts = new Map<string, Cost>()
  /** What each host works on. */
  private readonly current = new Map<string, TaskRef>()

  see(event: Event): void {
    switch (event.type) {
      case 'host-started':
        this.current.set(event.host, event.task)
        return
      case 'trip':
        this.addTrip(event)
        return
      case 'task-finished':
        this.current.delete(event.host)
        if (event.outcome !== 'skipped') this.addTask(event)
    }
  }

  /** The ten tasks that kept a host longest, the ten hosts that took longest, then what the whole run cost. */
  text(run: Extract<Event, { type: 'run-finished' }>, paint: Paint): string {
    const title = (text: string) => paint.bold(text)
    return `${title('SLOWEST TASKS')}\n${this.slowestTasks()}\n${title('HOSTS')}\n${this.slowestHosts(run.ms)}\n${this.totals(run)}\n`
  }

  private addTrip(trip: Trip): void {
    const task = this.current.get(trip.host)
    if (task) this.costOf(task).add(trip)
    const host = this.hosts.get(trip.host) ?? new Cost()
    this.hosts.set(trip.host, host)
    host.add(trip)
  }

  private addTask({ task, host, ms }: Extract<Event, { type: 'task-finished' }>): void {
    const cost = this.costOf(task)
    cost.hosts++
    cost.totalMs += ms
    if (ms <= cost.longestMs) return
    cost.longestMs = ms
    cost.slowest = host
  }

  private costOf(task: TaskRef): TaskCost {
    const cost = this.tasks.get(task.id) ?? new TaskCost(task)
    this.tasks.set(task.id, cost)
    return cost
  }

  private slowestTasks(): string {
    const slowest = [...this.tasks.values()].sort((a, b) => b.longestMs - a.longestMs).slice(0, SLOWEST)
    const rows = slowest.map(cost => [
      short(cost.longestMs),
      cost.slowest,
      String(cost.hosts),
      short(cost.totalMs),
      ...cost.cells(cost.totalMs),
      oneLine(cost.task.name) + (cost.task.at ? ` (${cost.task.at.file}:${cost.task.at.line})` : ''),
    ])
    const columns = [right('LONGEST'), 'ON HOST', right('HOSTS'), right('TOGETHER'), ...TRIP_COLUMNS, 'TASK']
    return table(columns, rows)
  }

  /** They wait for other hosts, for a free fork, for this machine. */
  private slowestHosts(runMs: number): string {
    const busy = (cost: Cost) => PHASES.reduce((sum, phase) => sum + cost.ms[phase], 0)
    const slowest = [...this.hosts].sort(([, a], [, b]) => busy(b) - busy(a)).slice(0, SLOWEST)
    const rows = slowest.map(([host, cost]) => [host, ...cost.cells(runMs)])
    return table(['HOST', ...TRIP_COLUMNS], rows)
  }

  private totals(run: Extract<Event, { type: 'run-finished' }>): string {
    const lines = Object.values(run.connections)
    const sum = (of: (line: (typeof lines)[number]) => number) => lines.reduce((all, line) => all + of(line), 0)
    const tasks = [...this.tasks.values()].filter(cost => cost.hosts > 0)
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

const right = (title: string) => ({ title, right: true })

const TRIP_COLUMNS = [...PHASES.map(phase => phase.toUpperCase()), 'WAITING', 'TRIPS', 'OUT', 'IN'].map(right)

/** Bytes for people. */
export function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}

function short(ms: number): string {
  return ms < 999.5 ? `${Math.round(ms)} ms` : duration(ms)
}
