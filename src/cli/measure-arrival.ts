import { setTimeout as delay } from 'node:timers/promises'
import { ConnectionError } from '../connection/connection.ts'
import { MlopsError } from '../errors.ts'
import { type Arrival, arrivalOf, releasesAround } from '../measure/arrival.ts'
import { summarise } from '../measure/summary.ts'
import { table } from '../report/table.ts'
import { type MeasureFlags, type Moments, probeOf, probing, ran, show } from './measure-run.ts'

export interface ArrivalFlags extends MeasureFlags {
  /** Seconds that another release may take. */
  readonly within?: number
}

/** So long nothing of the release before has answered when it counts as gone. */
const quietMs = 3000

/** Runs a command that brings another release while users ask, and says when they got it; gives the exit status. */
export async function measureArrival(words: readonly string[], flags: ArrivalFlags): Promise<number> {
  const probe = await probeOf(flags)
  const project = flags.project === undefined ? [] : ['--project', flags.project]
  const [program = 'mlops', ...args] = words.length > 0 ? words : ['mlops', 'deploy', ...project]
  const command = [program, ...args].join(' ')
  let [began, ended] = [0, 0]
  const { samples, marks, status } = await probing(probe, 0, async moments => {
    await firstAnswer(moments, probe.url.href, probe.timeoutMs)
    began = moments.now()
    moments.mark(command)
    const status = await ran(program, args, flags.json === true)
    ended = moments.now()
    moments.mark(`it ended with exit status ${status}`)
    if (status === 0) await newRelease(moments, began, (flags.within ?? 600) * 1000)
    return status
  })
  const summary = summarise(samples)
  const arrival = arrivalOf(samples, { began, ended })
  const steps = arrival && { titles, rows: rowsOf(arrival) }
  const more = { arrival, exitStatus: status }
  show(command, probe, { samples, summary, marks, more, ...(steps ? { steps } : {}) }, flags)
  if (!flags.json && arrival !== undefined) process.stdout.write(`\n${table(titles, rowsOf(arrival))}`)
  if (arrival === undefined) process.stderr.write('no other release answered\n')
  return summary.failed > 0 || status !== 0 || arrival === undefined ? 2 : 0
}

/** Until somebody says which release is there. Throws `measure.silent`, and a `ConnectionError` where nobody answers at all. */
async function firstAnswer({ samples, signal, now }: Moments, url: string, timeoutMs: number): Promise<void> {
  const start = now()
  while (!signal.aborted && !samples.some(({ version }) => version !== undefined)) {
    if (now() - start > timeoutMs + 1000) {
      const failure = samples.at(-1)?.failure ?? 'timeout'
      if (samples.every(({ failure }) => failure !== undefined && !failure.startsWith('HTTP'))) {
        throw new ConnectionError('unreachable', `${url} cannot be reached: ${failure}`, {
          hint: 'nothing was begun; mlops status says whether the application runs, --url names another address',
        })
      }
      throw new MlopsError('measure.silent', `${url} does not say which release answers`, {
        hint: '--url http://host:5008/version, or …/api/american',
      })
    }
    await delay(20)
  }
}

/** Until another release answers, and the one before no more. */
async function newRelease({ samples, signal, now }: Moments, began: number, withinMs: number): Promise<void> {
  while (!signal.aborted && now() - began < withinMs) {
    const { old, fresh } = releasesAround(samples, began)
    const last = samples.findLast(({ version }) => version !== undefined && old.has(version))
    const quiet = last === undefined ? quietMs : now() - last.due - last.ms
    if (fresh.size > 0 && quiet >= quietMs) return
    await delay(100)
  }
}

const titles = ['RELEASE', 'MS']

function rowsOf({ before, after, commandMs, firstNewMs, lastOldMs, awayMs }: Arrival): string[][] {
  return [
    ['before', before.join(', ')],
    ['after', after.join(', ')],
    ['the command ended', commandMs.toFixed(0)],
    ['first answer of the new', firstNewMs.toFixed(0)],
    ['last answer of the one before', lastOldMs?.toFixed(0) ?? '-'],
    ['longest away', awayMs.toFixed(0)],
  ]
}
