import type { Event, TaskRef } from '../events.ts'
import type { Result } from '../modules/module.ts'
import type { Paint } from './paint.ts'
import { clean, oneLine } from './text.ts'

const MOST_OUTPUT_LINES = 10
const MOST_HOSTS = 5

interface Failure {
  readonly hosts: string[]
  readonly task: TaskRef
  readonly unreachable: boolean
  readonly result: Result
}

/** Remembers what ended hosts, to say it once more at the end, shortly and with what to do. Hosts that failed alike share an entry. */
export class Failures {
  private readonly failures = new Map<string, Failure>()
  private readonly lastItems = new Map<string, Result>()

  see(event: Event): void {
    if (event.type === 'item-finished' && (event.outcome === 'failed' || event.outcome === 'unreachable')) {
      this.lastItems.set(`${event.host} ${event.task.id}`, event.result)
    }
    if (event.type !== 'task-finished' || (event.outcome !== 'failed' && event.outcome !== 'unreachable')) return
    const item = this.lastItems.get(`${event.host} ${event.task.id}`)
    this.lastItems.delete(`${event.host} ${event.task.id}`)
    if (event.ignored || event.rescued) return
    this.add(event.host, event.task, event.outcome === 'unreachable', item ?? event.result)
  }

  /** '' when no host failed. */
  text(paint: Paint): string {
    const parts = [...this.failures.values()].map(failure => describe(failure, paint))
    return parts.length === 0 ? '' : `${parts.join('\n')}\n`
  }

  private add(host: string, task: TaskRef, unreachable: boolean, result: Result): void {
    const key = JSON.stringify([task.id, unreachable, message(result), result.rc, result['stderr']])
    const known = this.failures.get(key)
    if (known) known.hosts.push(host)
    else this.failures.set(key, { hosts: [host], task, unreachable, result })
  }
}

function describe({ hosts, task, unreachable, result }: Failure, paint: Paint): string {
  const shown = hosts.slice(0, MOST_HOSTS).join(', ')
  const more = hosts.length > MOST_HOSTS ? ` and ${hosts.length - MOST_HOSTS} more` : ''
  const what = unreachable ? 'could not be reached at' : 'failed at'
  const headline = paint.outcome.failed(`${shown}${more} ${what}: ${oneLine(task.name)}`)
  const place = task.at ? [`  --> ${task.at.file}:${task.at.line}:${task.at.column}`] : []
  const status = typeof result.rc === 'number' && result.rc !== 0 ? ` (status ${result.rc})` : ''
  const body = [...tail(message(result)), ...commandLines(result), ...outputLines(result), ...hintLines(result)]
  const [first = '', ...rest] = body.length === 0 ? ['no message'] : body
  return [headline, ...place, ...[first + status, ...rest].map(line => `  ${line}`), ''].join('\n')
}

function message(result: Result): string {
  return typeof result.msg === 'string' ? result.msg : result.msg === undefined ? '' : JSON.stringify(result.msg)
}

function commandLines(result: Result): string[] {
  const { cmd } = result
  const text = Array.isArray(cmd) ? cmd.join(' ') : typeof cmd === 'string' ? cmd : ''
  return text === '' ? [] : [`command: ${oneLine(text)}`]
}

/** What the command said last: on stderr, or on stdout when it said nothing there. */
function outputLines(result: Result): string[] {
  for (const name of ['stderr', 'stdout', 'module_stderr'] as const) {
    const text = result[name]
    if (typeof text !== 'string' || text.trim() === '' || message(result).includes(text.trim())) continue
    return [`${name}:`, ...tail(text).map(line => `  ${line}`)]
  }
  return []
}

function hintLines(result: Result): string[] {
  return typeof result['hint'] === 'string' ? [`hint: ${oneLine(result['hint'])}`] : []
}

function tail(text: string): string[] {
  const lines = clean(text)
    .split('\n')
    .map(line => line.trimEnd())
    .filter(line => line !== '')
  return lines.length <= MOST_OUTPUT_LINES ? lines : ['…', ...lines.slice(-MOST_OUTPUT_LINES)]
}
