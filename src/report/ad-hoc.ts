import type { Event, Reporter } from '../events.ts'
import type { Result } from '../modules/module.ts'
import type { Layout } from './ansible-lines.ts'
import { diffText } from './diff-text.ts'
import { flushed, type Output } from './output.ts'
import { warningText } from './remarks.ts'
import { resultJson } from './result-json.ts'
import { clean } from './text.ts'

type Finished = Extract<Event, { type: 'task-finished' }>

/** Modules whose output is text and no data. */
const TEXT_MODULES = new Set(['command', 'shell', 'raw', 'script'])
const CAPTIONS = {
  ok: 'SUCCESS',
  changed: 'CHANGED',
  skipped: 'SKIPPED',
  failed: 'FAILED',
  unreachable: 'UNREACHABLE!',
} as const

/** One task's results host by host, as `ansible` prints them: `host | CHANGED | rc=0 >>`. */
export class AdHocReporter implements Reporter {
  readonly #layout: Pick<Layout, 'paint' | 'verbosity'> & { readonly oneLine: boolean }
  readonly #output: Output
  readonly #errors: Output

  constructor(
    layout: Pick<Layout, 'paint' | 'verbosity'> & { readonly oneLine: boolean },
    output: Output,
    errors: Output,
  ) {
    this.#layout = layout
    this.#output = output
    this.#errors = errors
  }

  on(event: Event): void {
    const { paint } = this.#layout
    if (event.type === 'warning') this.#errors.write(warningText(event, paint))
    if (event.type !== 'task-finished') return
    const diff =
      event.result.diff === undefined || event.outcome !== 'changed' ? '' : diffText(event.result.diff, paint)
    this.#output.write(`${diff}${paint.outcome[event.outcome](this.#text(event))}\n`)
  }

  async close(): Promise<void> {
    await Promise.all([flushed(this.#output), flushed(this.#errors)])
  }

  #text({ host, task, outcome, result }: Finished): string {
    const caption = CAPTIONS[outcome]
    if (outcome === 'skipped') return `${host} | ${caption}`
    const isData = outcome === 'unreachable' || 'censored' in result || 'ansible_job_id' in result
    const isText = TEXT_MODULES.has(task.module) && !isData
    if (isText) return this.#layout.oneLine ? inOneLine(host, caption, result) : inFull(host, caption, result)
    const { oneLine, verbosity } = this.#layout
    const shown = outcome === 'unreachable' ? { changed: false, ...result, unreachable: true } : result
    const json = resultJson(shown, {
      module: task.module,
      verbosity: oneLine ? Math.min(verbosity, 2) : verbosity,
      indented: !oneLine,
    })
    return `${host} | ${caption}${outcome === 'failed' ? '!' : ''} => ${json}`
  }
}

function inFull(host: string, caption: string, result: Result): string {
  return clean(
    `${host} | ${caption} | rc=${result.rc ?? -1} >>\n${text(result['stdout'])}${text(result['stderr'])}${text(result.msg)}`,
  )
}

function inOneLine(host: string, caption: string, result: Result): string {
  const escaped = (value: unknown) => text(value).replaceAll('\n', '\\n').replaceAll('\r', '\\r')
  const stderr = escaped(result['stderr'])
  const out = `${host} | ${caption} | rc=${result.rc ?? -1} | (stdout) ${escaped(result['stdout'])}`
  return clean(stderr === '' ? out : `${out} (stderr) ${stderr}`)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
