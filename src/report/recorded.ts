import type { Event, HostSummary, OutcomeKind, PlayRef, TaskRef } from '../events.ts'
import type { Result } from '../modules/module.ts'

/** Makes the events of a run for tests of reporters: time stands still. */
export class Recorded {
  readonly events: Event[] = []
  private play: PlayRef = { id: 'p0', name: '' }
  private task: TaskRef = { id: 't0', name: '', module: 'command' }
  private plays = 0
  private tasks = 0

  startPlay(name: string, hosts: readonly string[]): this {
    this.play = { id: `p${++this.plays}`, name }
    return this.add({ type: 'play-started', at: 0, play: this.play, hosts })
  }

  startTask(name: string, details: Partial<TaskRef> = {}): this {
    this.task = { id: `t${++this.tasks}`, name, module: 'command', ...details }
    return this.add({ type: 'task-started', at: 0, play: this.play, task: this.task })
  }

  startHost(host: string): this {
    return this.add({ type: 'host-started', at: 0, host, task: this.task })
  }

  output(host: string, text: string): this {
    return this.add({ type: 'output', at: 0, host, task: this.task, text })
  }

  finish(
    host: string,
    outcome: OutcomeKind,
    result: Result = {},
    details: { ignored?: boolean; rescued?: boolean; delegatedTo?: string; items?: number } = {},
  ): this {
    return this.add({ type: 'task-finished', at: 0, host, task: this.task, outcome, ms: 0, result, ...details })
  }

  item(host: string, outcome: OutcomeKind, label: string, result: Result = {}): this {
    return this.add({ type: 'item-finished', at: 0, host, task: this.task, outcome, label, item: label, result })
  }

  retry(host: string, attemptsLeft: number): this {
    return this.add({ type: 'retry', at: 0, host, task: this.task, attemptsLeft, result: {} })
  }

  include(file: string, hosts: readonly string[]): this {
    return this.add({ type: 'included', at: 0, file, hosts, task: this.task })
  }

  noHosts(pattern: string): this {
    this.play = { id: `p${++this.plays}`, name: pattern }
    return this.add({ type: 'no-hosts', at: 0, play: this.play, pattern })
  }

  warn(message: string): this {
    return this.add({ type: 'warning', at: 0, message })
  }

  end(summary: Readonly<Record<string, Partial<HostSummary>>>, interrupted = false): this {
    const none = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 }
    const full = Object.fromEntries(Object.entries(summary).map(([host, counts]) => [host, { ...none, ...counts }]))
    return this.add({ type: 'run-finished', at: 0, ms: 61_000, interrupted, summary: full, connections: {} })
  }

  private add(event: Event): this {
    this.events.push(event)
    return this
  }
}
