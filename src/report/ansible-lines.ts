import type { Event, OutcomeKind, PlayRef, TaskRef } from '../events.ts'
import type { Result } from '../modules/module.ts'
import { diffText } from './diff-text.ts'
import type { Paint } from './paint.ts'
import { recap } from './recap.ts'
import { pythonJson, resultJson } from './result-json.ts'
import { displayWidth, oneLine } from './text.ts'

export interface Layout {
  readonly paint: Paint
  /** Width of a headline; Ansible's is 79 without a terminal. */
  readonly columns: () => number
  readonly verbosity: number
  readonly displaySkipped: boolean
  /** `--profile`: the slowest tasks and what the connections cost are said at the end. */
  readonly profile?: boolean
  /** `--fold`: hosts of which the same is said share a line, in plays of any size. */
  readonly fold?: boolean
  /** What `set_stats` gathered is said at the end. */
  readonly customStats?: boolean
}

type Finished = Extract<Event, { type: 'task-finished' }>
type Item = Extract<Event, { type: 'item-finished' }>

/** Events as the lines of Ansible's default output. It remembers which headline stands above. */
export class AnsibleLines {
  private readonly layout: Layout
  private task: string | undefined

  constructor(layout: Layout) {
    this.layout = layout
  }

  /** The text of an event with its line ends; '' when it says nothing here. Warnings go elsewhere. */
  text(event: Event): string {
    switch (event.type) {
      case 'play-started':
        return this.playHeadline(event.play)
      case 'no-hosts':
        return `${this.playHeadline(event.play)}${this.layout.paint.notice('skipping: no hosts matched')}\n`
      case 'task-started':
        return this.taskHeadline(event.task)
      case 'item-finished':
        return this.item(event)
      case 'task-finished':
        return this.finished(event)
      case 'retry':
        return this.below(event.task, this.layout.paint.retry(retryText(event)))
      case 'included': {
        const item = event.label === undefined ? '' : ` => (item=${oneLine(event.label)})`
        const text = `included: ${oneLine(event.file)} for ${event.hosts.join(', ')}${item}`
        return this.below(event.task, this.layout.paint.notice(text))
      }
      case 'run-finished':
        return `\n${this.headline('PLAY RECAP')}${recap(event.summary, this.layout.paint)}\n${this.customStats(event.stats)}`
      case 'run-started':
      case 'host-started':
      case 'output':
      case 'trip':
      case 'handler-notified':
      case 'warning':
        return ''
      default:
        event satisfies never
        return ''
    }
  }

  /** Said for each batch of `serial`. */
  private playHeadline(play: PlayRef): string {
    this.task = undefined
    const name = oneLine(play.name)
    return `\n${this.headline(name === '' ? 'PLAY' : `PLAY [${name}]`)}`
  }

  private taskHeadline(task: TaskRef): string {
    if (this.task === task.id) return ''
    this.task = task.id
    const headline = this.headline(`${task.handler ? 'RUNNING HANDLER' : 'TASK'} [${oneLine(task.name)}]`)
    if (this.layout.verbosity < 2 || !task.at) return `\n${headline}`
    return `\n${headline}${this.layout.paint.retry(`task path: ${task.at.file}:${task.at.line}`)}\n`
  }

  private customStats(stats: Extract<Event, { type: 'run-finished' }>['stats']): string {
    if (stats === undefined || !this.layout.customStats) return ''
    const text = (name: string) => pythonJson(stats[name], 1).replaceAll('\n', '')
    const hosts = Object.keys(stats).filter(name => name !== '_run')
    const lines = hosts.sort().map(name => `\t${name}: ${text(name)}\n`)
    return `\n${this.headline('CUSTOM STATS:')}${lines.join('')}${stats['_run'] ? `\n\tRUN: ${text('_run')}\n` : ''}\n`
  }

  private headline(text: string): string {
    return `${text} ${'*'.repeat(Math.max(3, this.layout.columns() - displayWidth(text)))}\n`
  }

  /** A line below its task's headline, which is said again when another task came between. */
  private below(task: TaskRef, line: string): string {
    return `${this.taskHeadline(task)}${line}\n`
  }

  private item({ host: name, task, outcome, delegatedTo, label, result }: Item): string {
    const host = delegated(name, delegatedTo)
    const item = `(item=${oneLine(label)})`
    switch (outcome) {
      case 'skipped':
        if (!this.layout.displaySkipped) return ''
        return this.said(task, outcome, `skipping: [${host}] => ${item} `, result)
      case 'failed':
      case 'unreachable':
        return this.said(task, outcome, `failed: [${host}] ${item}`, result)
      default:
        return this.said(task, outcome, `${outcome}: [${host}] => ${item}`, result)
    }
  }

  private finished(event: Finished): string {
    const { task, outcome, result, items } = event
    const host = delegated(event.host, event.delegatedTo)
    // The items of a loop have been said one by one.
    const isSaid = items !== undefined && items > 0 && outcome !== 'skipped'
    const ignoring = event.ignored ? `${this.layout.paint.notice('...ignoring')}\n` : ''
    if (isSaid) return ignoring === '' ? '' : this.taskHeadline(task) + ignoring
    switch (outcome) {
      case 'ok':
      case 'changed':
        return this.said(task, outcome, `${outcome}: [${host}]`, result)
      case 'skipped':
        return this.layout.displaySkipped ? this.said(task, outcome, `skipping: [${host}]`, result) : ''
      case 'failed':
        return this.said(task, outcome, `fatal: [${host}]: FAILED!`, result) + ignoring
      case 'unreachable':
        return this.said(task, outcome, `fatal: [${host}]: UNREACHABLE!`, { ...result, unreachable: true }) + ignoring
      default:
        outcome satisfies never
        return ''
    }
  }

  private said(task: TaskRef, outcome: OutcomeKind, start: string, result: Result): string {
    const { paint, verbosity } = this.layout
    const { module } = task
    const diff = result.diff !== undefined && outcome === 'changed' ? diffText(result.diff, paint) : ''
    const isMessage = isMessageOf(module, outcome, result)
    const shows =
      outcome === 'failed' || outcome === 'unreachable' || isMessage || (verbosity > 0 && module !== 'setup')
    const line = shows ? `${start} => ${resultJson(result, { module, verbosity, indented: isMessage })}` : start
    return `${this.taskHeadline(task)}${diff}${paint.outcome[outcome](line)}\n`
  }
}

/** Modules whose result is the point of them: shown whole, at any verbosity. */
function isMessageOf(module: string, outcome: OutcomeKind, result: Result): boolean {
  if (outcome !== 'ok' && outcome !== 'changed') return false
  return module === 'debug' || (module === 'assert' && 'msg' in result)
}

function retryText({ host, task, attemptsLeft }: Extract<Event, { type: 'retry' }>): string {
  return `FAILED - RETRYING: [${host}]: ${oneLine(task.name)} (${attemptsLeft} retries left).`
}

function delegated(host: string, to: string | undefined): string {
  return to === undefined ? host : `${host} -> ${to}`
}
