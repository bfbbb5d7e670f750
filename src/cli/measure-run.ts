import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { MlopsError, reasonOf } from '../errors.ts'
import { type Mark, page, type Steps } from '../measure/page.ts'
import { type Answer, type Probe, probeAtRate, type Sample } from '../measure/prober.ts'
import { type Summary, summarise } from '../measure/summary.ts'
import { rows } from '../measure/text.ts'
import { table } from '../report/table.ts'
import { applicationUrl } from './application-url.ts'
import { interruptSignal } from './interrupt.ts'
import { writeInto } from './output-folder.ts'
import type { ReachFlags } from './session.ts'

export interface MeasureFlags extends ReachFlags {
  readonly url?: string
  readonly post?: string
  readonly rate: number
  readonly timeout: number
  readonly report?: string
  readonly json?: boolean
}

export interface DowntimeFlags extends MeasureFlags {
  readonly seconds: number
  readonly requests?: number
  readonly after: number
}

/** Probes while a command runs; gives the exit status. */
export async function downtime(command: readonly string[], flags: DowntimeFlags): Promise<number> {
  const probe = await probeOf(flags)
  const { samples, marks, status } = await probing(probe, flags.requests ?? 0, async ({ mark, signal }) => {
    const [program, ...args] = command
    if (program === undefined) {
      await delay(flags.seconds * 1000, undefined, { signal }).catch(() => {})
      return 0
    }
    mark(command.join(' '))
    const status = await ran(program, args, flags.json === true)
    mark(`it ended with exit status ${status}`)
    await delay(flags.after * 1000, undefined, { signal }).catch(() => {})
    return status
  })
  const summary = summarise(samples)
  const title = command.length > 0 ? command.join(' ') : `${probe.url.href} for ${flags.seconds} s`
  show(title, probe, { samples, summary, marks }, flags)
  return summary.failed > 0 || status !== 0 ? 2 : 0
}

interface Measured {
  readonly samples: readonly Sample[]
  readonly summary: Summary
  readonly marks: readonly Mark[]
  /** A table for the page: its titles, and its rows. */
  readonly steps?: Steps
  /** Further keys of the JSON. */
  readonly more?: Readonly<Record<string, unknown>>
}

/** The clock of a measurement. Times in milliseconds since its start. */
export interface Moments {
  now(): number
  /** The answers so far, in the order in which they came. */
  readonly samples: readonly Sample[]
  /** Notes what happens, now or at a moment that has passed. */
  mark(what: string, at?: number): void
  /** Somebody wants to stop. */
  readonly signal: AbortSignal
}

/** Probes until the work has ended, and at least `requests` times. */
export async function probing(
  probe: Probe,
  requests: number,
  work: (moments: Moments) => Promise<number>,
): Promise<{ samples: Sample[]; marks: Mark[]; status: number }> {
  const interrupt = interruptSignal(() => process.stderr.write('Stopping; what was measured is shown.\n'))
  const ended = new AbortController()
  const marks: Mark[] = []
  const seen: Sample[] = []
  let worked = false
  const enough = () => worked && seen.length >= requests
  const start = performance.now()
  const see = (sample: Sample) => {
    seen.push(sample)
    if (enough() || interrupt.signal.aborted) ended.abort()
  }
  const samples = probeAtRate(probe, { signal: ended.signal, seen: see })
  try {
    const now = () => performance.now() - start
    const mark = (what: string, at = now()) => void marks.push({ at, what })
    const status = await work({ now, mark, samples: seen, signal: interrupt.signal })
    worked = true
    if (enough()) ended.abort()
    return { samples: await samples, marks, status }
  } finally {
    worked = true
    ended.abort()
    interrupt.done()
  }
}

export function show(title: string, probe: Probe, measured: Measured, flags: MeasureFlags): void {
  const { summary, marks, more } = measured
  if (flags.json) {
    const ratePerSecond = probe.ratePerSecond
    process.stdout.write(
      `${JSON.stringify({ title, url: probe.url.href, ratePerSecond, ...summary, marks, ...more }, null, 2)}\n`,
    )
  } else {
    process.stdout.write(`\n${probe.method} ${probe.url.href}, ${probe.ratePerSecond} a second\n`)
    process.stdout.write(table(['', ''], rows(summary)).trimStart())
  }
  const { report, json } = flags
  if (report === undefined) return
  writeInto(report, 'measure.report', () => writeFileSync(report, page(title, measured)))
  if (!json) process.stdout.write(`Plots: ${report}\n`)
}

/** Runs a command of the user's own; `mlops` means this very program. */
export async function ran(program: string, args: readonly string[], quiet: boolean): Promise<number> {
  const self = process.argv[1] ?? ''
  const [file, all] = program === 'mlops' ? [process.execPath, [self, ...args]] : [program, args]
  const child = spawn(file, all, { stdio: ['inherit', quiet ? 2 : 'inherit', 'inherit'] })
  // `once` rejects at the event `error`
  const [status] = (await once(child, 'exit').catch(cause => {
    throw new MlopsError('measure.command', `${program} cannot be started: ${reasonOf(cause)}`, {
      cause,
      hint: `what only a shell knows needs one: -- sh -c '${[program, ...args].join(' ')}'`,
    })
  })) as [number | null] // as the event is documented
  return status ?? 128
}

/** What is asked: by default who answers, and of the tweet API a tweet. Throws for a report that could not be written in the end. */
export async function probeOf(flags: MeasureFlags): Promise<Probe> {
  const { report } = flags
  if (report !== undefined)
    writeInto(report, 'measure.report', () => accessSync(dirname(resolve(report)), constants.W_OK))
  const url = flags.url ?? `${await applicationUrl(flags)}/version`
  if (!URL.canParse(url))
    throw new MlopsError('measure.url', `${url} is no address`, { hint: '--url http://host:5100/version' })
  const body = flags.post ?? (new URL(url).pathname === '/api/american' ? '{"text": "#covid19 new york"}' : undefined)
  return {
    url: new URL(url),
    method: body === undefined ? 'GET' : 'POST',
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body,
    ratePerSecond: flags.rate,
    timeoutMs: flags.timeout * 1000,
    version: releaseOf,
  }
}

/** The code and the model that answered: of `/version`, of a prediction, or of the tweet API. */
function releaseOf({ body, headers }: Answer): string | undefined {
  try {
    const said: unknown = JSON.parse(body)
    if (typeof said !== 'object' || said === null) return undefined
    const { version, model } = said as Record<string, unknown> // any JSON object: each key is checked
    const release = typeof model === 'object' && model !== null && 'id' in model ? model.id : headers['x-model']
    const parts = [version, release].filter(part => typeof part === 'string')
    return parts.length > 0 ? parts.join(' ') : undefined
  } catch {
    return undefined
  }
}
