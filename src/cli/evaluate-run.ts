import { readFileSync } from 'node:fs'
import { explain, MlopsError, reasonOf } from '../errors.ts'
import { type Asking, asking, routeOf } from '../predictions/ask.ts'
import { askAll, type Evaluation, evaluation } from '../predictions/evaluate.ts'
import { evaluationText } from '../predictions/evaluation-text.ts'
import { type Labelled, readLabelled } from '../predictions/questions.ts'
import { progressBar } from '../report/progress-bar.ts'
import { table } from '../report/table.ts'
import { clean } from '../report/text.ts'
import { applicationUrl } from './application-url.ts'
import type { EvaluateFlags } from './evaluate.ts'
import { interruptSignal } from './interrupt.ts'
import type { AskFlags } from './predict.ts'

/** Asks about all rows of a file and shows what came of it; gives the exit status. */
export async function evaluate(flags: EvaluateFlags): Promise<number> {
  const rows = readLabelled(read(flags.data), flags.data, flags.model)
  const [first] = rows
  if (first === undefined) return 0
  const base = await addressOf(flags)
  const url = routeOf(base, first.question)
  const client = asking(base, { connections: flags.concurrency, timeoutMs: flags.timeout * 1000 })
  const interrupt = interruptSignal(() => process.stderr.write('\nStopping; what was answered is shown.\n'))
  try {
    const silence = await silenceOf(client, first, url)
    if (silence !== undefined) {
      process.stderr.write(`${explain(silence)}\n`)
      return 2
    }
    const result = await asked(client, rows, { concurrency: flags.concurrency, signal: interrupt.signal })
    show(
      { url: url.href, model: first.question.model, data: flags.data, concurrency: flags.concurrency },
      result,
      flags,
    )
    if (interrupt.signal.aborted) return 99
    return result.failed > 0 ? 2 : 0
  } finally {
    interrupt.done()
    client.close()
  }
}

/** The application's address: what was asked for, or that of the project. Throws `application.url`. */
export async function addressOf(flags: AskFlags): Promise<URL> {
  const given = flags.url ?? (await applicationUrl(flags))
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return new URL(given)
  throw new MlopsError('application.url', `${given} is no address`, { hint: '--url http://host:5100' })
}

async function asked(
  client: Asking,
  rows: readonly Labelled[],
  options: { concurrency: number; signal: AbortSignal },
): Promise<Evaluation> {
  const bar = progressBar(process.stderr, rows.length)
  let [done, right, failed] = [0, 0, 0]
  const start = performance.now()
  const all = await askAll(rows, question => client.ask(question), {
    ...options,
    seen({ row, reply }) {
      done++
      if (reply.kind === 'failure') failed++
      else if (reply.predicted === row.label) right++
      const share = done > failed ? `${((right / (done - failed)) * 100).toFixed(1)} % right` : ''
      bar.show(done, failed > 0 ? `${share}  ${failed} failed` : share)
    },
  })
  bar.end()
  return evaluation(all, (performance.now() - start) / 1000)
}

/** An application that is not there is told at once, not once for each row. */
async function silenceOf(client: Asking, { question }: Labelled, url: URL): Promise<MlopsError | undefined> {
  const reply = await client.ask(question)
  if (reply.kind === 'answer' || reply.reason.startsWith('HTTP 5') || reply.reason === 'HTTP 429') return undefined
  return new MlopsError(
    'evaluate.unreachable',
    `${url.href} does not answer: ${reply.reason}${reply.says ? `, ${clean(reply.says)}` : ''}`,
    {
      hint: 'mlops status shows what runs; --url names another application',
    },
  )
}

function show(
  what: { url: string; model: string; data: string; concurrency: number },
  result: Evaluation,
  { json }: EvaluateFlags,
): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...what, ...result }, null, 2)}\n`)
    return
  }
  const { confusion, facts } = evaluationText(what.model, result)
  process.stdout.write(`POST ${what.url}, ${what.data}, ${what.concurrency} at a time\n\n`)
  process.stdout.write(`${table(confusion[0] ?? [], confusion.slice(1))}\n${table(['', ''], facts).trimStart()}`)
}

function read(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new MlopsError('data.missing', `${file} cannot be read: ${reasonOf(error)}`)
  }
}
