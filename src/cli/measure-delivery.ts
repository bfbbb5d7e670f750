import { setTimeout as delay } from 'node:timers/promises'
import { push, pusher } from '../delivery/push.ts'
import { type Release, releases, rollback } from '../delivery/releases.ts'
import type { Line } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import {
  columns,
  type DeliveryTimes,
  deliveryPercentiles,
  deliveryTimes,
  type PushMoments,
  watchPush,
} from '../measure/delivery.ts'
import type { Probe } from '../measure/prober.ts'
import { summarise } from '../measure/summary.ts'
import type { Project } from '../project/project.ts'
import { table } from '../report/table.ts'
import { applicationUrl } from './application-url.ts'
import { type MeasureFlags, type Moments, probeOf, probing, show } from './measure-run.ts'
import { onServer } from './on-server.ts'

export interface DeliveryFlags extends MeasureFlags {
  readonly count: number
}

/** Delivers new models one after the other while users ask; gives the exit status. */
export async function delivery(given: string | undefined, flags: DeliveryFlags): Promise<number> {
  const before = await onServer(
    flags,
    ({ delivery }) => delivery.to,
    (line, project) => liveBefore(line, project, { given, count: flags.count }),
  )
  const { model } = before
  const probe = await probeFor(model, flags)
  const failed: string[] = []
  const pushes: PushMoments[] = []
  const { samples, marks } = await probing(probe, 0, async moments => {
    await onServer(flags, pusher, line => deliverAll(line, model, { moments, pushes, failed, flags }))
    await delay(1000)
    return 0
  })
  const back = await onServer(
    flags,
    ({ delivery }) => delivery.to,
    (line, project) => restore(line, project, before),
  )
  process.stderr.write(back)

  const deliveries = pushes.flatMap(
    (moments, i) => deliveryTimes(moments, samples, pushes[i + 1]?.judged ?? Number.POSITIVE_INFINITY) ?? [],
  )
  const summary = summarise(samples)
  const percentiles = deliveryPercentiles(deliveries)
  const title = `${deliveries.length} deliveries of ${model}`
  const rows = rowsOf(deliveries)
  show(title, probe, { samples, summary, marks, more: { deliveries, percentiles }, steps: { titles, rows } }, flags)
  if (!flags.json)
    process.stdout.write(
      `\n${table(
        titles.map((title, i) => ({ title, right: i > 0 })),
        rows,
      )}`,
    )
  for (const text of failed) process.stderr.write(text)
  return summary.failed > 0 || failed.length > 0 ? 2 : 0
}

/** What was live before the measurement: ids of releases. */
interface Before {
  readonly model: string
  readonly current: string
  /** `undefined`: nothing was live before `current`. */
  readonly previous: string | undefined
}

/** The releases to go back to afterwards; throws when there are none, or when they would not be kept until then. */
async function liveBefore(
  line: Line,
  project: Project,
  { given, count }: { given: string | undefined; count: number },
): Promise<Before> {
  const { model: usual, keep } = project.delivery
  const model = given ?? usual
  const all = await releases(line, project, model)
  const { current, previous } = roles(all)
  if (current === undefined)
    throw new MlopsError('model.release', `there is no current release of ${model}: nothing to go back to afterwards`, {
      hint: 'mlops model list shows all',
    })
  const place = all.findLastIndex(({ role }) => role !== undefined)
  if (place + count < keep) return { model, current, previous }
  const most = keep - 1 - place
  const kept = `delivery: { keep: ${place + count + 1} } in mlops.yml, then mlops delivery setup`
  throw new MlopsError(
    'measure.count',
    `${count} deliveries would push out what is live, or was live before: ${keep} releases are kept`,
    { hint: most > 0 ? `--count ${most}, or ${kept}` : kept },
  )
}

function roles(all: readonly Release[]): { current: string | undefined; previous: string | undefined } {
  const of = (wanted: Release['role']) => all.find(({ role }) => role === wanted)?.id
  return { current: of('current'), previous: of('previous') }
}

/** Makes live what was live, and lets a rollback lead to what it led to: therefore by way of that release. Gives what the server said. */
async function restore(line: Line, project: Project, { model, current, previous }: Before): Promise<string> {
  const now = roles(await releases(line, project, model))
  if (now.current === current && now.previous === previous) return ''
  if (previous !== undefined) await rollback(line, project, model, previous)
  const { stdout } = await rollback(line, project, model, current)
  if (previous !== undefined) return stdout
  return `${stdout}Nothing was live before it: mlops model rollback would now lead to a model of this measurement.\n`
}

interface Deliveries {
  readonly moments: Moments
  readonly pushes: PushMoments[]
  readonly failed: string[]
  readonly flags: DeliveryFlags
}

/** Trains and pushes until enough went live, one was refused, or somebody interrupts. */
async function deliverAll(line: Line, model: string, { moments, pushes, failed, flags }: Deliveries): Promise<void> {
  // Every run its own models: the same seed would give the release that is live already.
  const first = Date.now() % 1_000_000
  for (let i = 0; i < flags.count && !moments.signal.aborted; i++) {
    const watch = watchPush(moments.now())
    let text = ''
    const options = {
      model,
      train: true,
      forceModel: true,
      message: `delivery ${i + 1} of a measurement`,
      training: training(model, first + i),
    }
    const status = await push(line, options, part => {
      text += part
      watch.said(part, moments.now())
    })
    const seen = watch.moments()
    pushes.push(seen)
    for (const [what, at] of [
      ['push', seen.trained],
      ['verdict', seen.judged],
      ['live', seen.live],
    ] as const)
      if (at !== undefined) moments.mark(`${what} ${i + 1}${what === 'live' ? `: ${seen.id}` : ''}`, at)
    if (status !== 0 || seen.live === undefined) {
      failed.push(`delivery ${i + 1} ended with exit status ${status}:\n${text}`)
      return
    }
    process.stderr.write(`${i + 1} of ${flags.count}: ${seen.id} is live\n`)
  }
}

/** What makes this model another one than the one before, in little time. */
function training(model: string, seed: number): string[] {
  return model === 'american'
    ? ['--alpha', String(0.5 + (seed % 100_000) / 100_000)]
    : ['--epochs', '5', '--seed', String(seed)]
}

/** Predictions: each names the release that made it. */
async function probeFor(model: string, flags: DeliveryFlags): Promise<Probe> {
  const american = model === 'american'
  const path = american ? '/api/american' : '/predictions'
  return {
    ...(await probeOf({ ...flags, url: flags.url ?? `${await applicationUrl(flags)}${path}` })),
    method: 'POST',
    headers: american ? { 'content-type': 'application/json' } : { accept: 'application/json' },
    body: american ? '{"text": "#covid19 new york"}' : undefined,
    version: ({ headers }) => (typeof headers['x-model'] === 'string' ? headers['x-model'] : undefined),
  }
}

const titles = ['MS', 'TRAIN', 'PUSH', 'GATE', 'SWITCH', 'FIRST NEW', 'LAST OLD', 'BEYOND GATE']

function rowsOf(deliveries: readonly DeliveryTimes[]): string[][] {
  const row = (name: string, of: Readonly<Record<(typeof columns)[number], number | undefined>>) => [
    name,
    ...columns.map(column => of[column]?.toFixed(0) ?? '-'),
  ]
  const percentiles = deliveryPercentiles(deliveries)
  const at = (name: 'p50' | 'p99' | 'max') =>
    row(
      name,
      Object.fromEntries(columns.map(column => [column, percentiles[column][name]])) as Record<
        (typeof columns)[number],
        number
      >,
    ) // a key for each column
  return [
    ...deliveries.map(each => row(each.id, each)),
    ...(deliveries.length > 0 ? [at('p50'), at('p99'), at('max')] : []),
  ]
}
