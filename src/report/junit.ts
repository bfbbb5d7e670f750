import type { Event, PlayRef, Reporter } from '../events.ts'
import { flushed, type Output } from './output.ts'
import { paint } from './paint.ts'
import { warningText } from './remarks.ts'
import { clean } from './text.ts'

type Finished = Extract<Event, { type: 'task-finished' }>

interface Suite {
  readonly name: string
  readonly at: number
  readonly cases: Finished[]
}

/** A run as JUnit's XML, which CI systems show: a suite for each play, a case for each task and host. Written when the run is over; warnings go to `errors`. */
export class JUnitReporter implements Reporter {
  private readonly output: Output
  private readonly errors: Output
  private readonly suites = new Map<string, Suite>()
  private readonly failedItems = new Map<string, string[]>()
  private suite: Suite | undefined

  constructor(output: Output, errors: Output) {
    this.output = output
    this.errors = errors
  }

  on(event: Event): void {
    switch (event.type) {
      case 'play-started':
      case 'no-hosts':
        this.suite = this.suiteOf(event.play, event.at)
        return
      case 'item-finished':
        if (event.outcome === 'failed' && !event.ignored) this.addItem(event)
        return
      case 'task-finished':
        this.suite?.cases.push(event)
        return
      case 'warning':
        this.errors.write(warningText(event, paint(false)))
        return
    }
  }

  async close(): Promise<void> {
    this.output.write(this.xml())
    await Promise.all([flushed(this.output), flushed(this.errors)])
  }

  private suiteOf(play: PlayRef, at: number): Suite {
    const suite = this.suites.get(play.id) ?? { name: play.name, at, cases: [] }
    this.suites.set(play.id, suite)
    return suite
  }

  private addItem({ host, task, label, result }: Extract<Event, { type: 'item-finished' }>): void {
    const key = `${host} ${task.id}`
    this.failedItems.set(key, [...(this.failedItems.get(key) ?? []), `${label}: ${messageOf(result)}`])
  }

  private xml(): string {
    const suites = [...this.suites.values()]
    const all = suites.flatMap(suite => suite.cases)
    const lines = ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites name="mlops"${totals(all)}>`]
    for (const { name, at, cases } of suites) {
      lines.push(`  <testsuite name=${attribute(name)} timestamp="${new Date(at).toISOString()}"${totals(cases)}>`)
      lines.push(...cases.flatMap(each => this.testCase(each)))
      lines.push('  </testsuite>')
    }
    return `${[...lines, '</testsuites>'].join('\n')}\n`
  }

  private testCase(event: Finished): string[] {
    const { host, task, ms } = event
    const place = task.at ? ` file=${attribute(task.at.file)} line="${task.at.line}"` : ''
    const start = `    <testcase name=${attribute(task.name)} classname=${attribute(host)}${place} time="${seconds(ms)}"`
    const body = this.body(event)
    return body.length === 0 ? [`${start}/>`] : [`${start}>`, ...body.map(line => `      ${line}`), '    </testcase>']
  }

  private body(event: Finished): string[] {
    const { outcome, result, host, task } = event
    const kind = kindOf(event)
    if (kind === 'skipped')
      return [`<skipped message=${attribute(String(result['skip_reason'] ?? result.msg ?? ''))}/>`]
    if (kind !== 'passed') {
      const items = this.failedItems.get(`${host} ${task.id}`) ?? []
      const said = [...items, result['stderr'], result['stdout'], result['hint']].filter(
        text => typeof text === 'string',
      )
      const message = attribute(messageOf(result))
      return [`<${kind} type="${outcome}" message=${message}>${escaped(said.join('\n').trim())}</${kind}>`]
    }
    if (outcome === 'ok') return []
    const note = event.ignored ? 'failed, ignored' : event.rescued ? 'failed, rescued' : outcome
    return [`<system-out>${escaped(note)}</system-out>`]
  }
}

/** What JUnit calls it. A failure that the playbook itself deals with is none. */
function kindOf({ outcome, ignored, rescued }: Finished): 'passed' | 'skipped' | 'failure' | 'error' {
  if (outcome === 'skipped') return 'skipped'
  if (ignored || rescued || outcome === 'ok' || outcome === 'changed') return 'passed'
  return outcome === 'unreachable' ? 'error' : 'failure'
}

function totals(cases: readonly Finished[]): string {
  const count = (kind: ReturnType<typeof kindOf>) => cases.filter(each => kindOf(each) === kind).length
  const ms = cases.reduce((all, each) => all + each.ms, 0)
  const counts = `failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`
  return ` tests="${cases.length}" ${counts} time="${seconds(ms)}"`
}

function messageOf(result: Finished['result']): string {
  return typeof result.msg === 'string' ? result.msg : JSON.stringify(result.msg ?? '')
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

function attribute(text: string): string {
  return `"${escaped(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`
}

/** XML knows no control characters, not even escaped. */
function escaped(text: string): string {
  return clean(text)
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|[\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}
