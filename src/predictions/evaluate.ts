import { type Percentiles, percentiles } from '../measure/summary.ts'
import type { Reply } from './ask.ts'
import type { Labelled, Question } from './questions.ts'

/** What an application answered, beside what is true. */
export interface Evaluation {
  readonly rows: number
  readonly answered: number
  readonly failed: number
  /** By their reason; `says` is what the application said about the first of them. */
  readonly failures: Readonly<Record<string, { readonly count: number; readonly says: string | undefined }>>
  /** Of what was answered; `percent` is undefined when nothing was. */
  readonly accuracy: { readonly percent: number | undefined; readonly right: number; readonly rows: number }
  /** By the true answer, then by the predicted one. */
  readonly confusion: readonly [readonly [number, number], readonly [number, number]]
  /** In milliseconds, of what was answered. */
  readonly latency: Percentiles
  readonly seconds: number
  /** Which code and model answered, and how many rows. */
  readonly releases: readonly Release[]
}

export interface Release {
  readonly version: string
  readonly modelId: string | undefined
  readonly modelDate: string
  readonly answers: number
}

/** A row that was asked, with what came of it. */
export interface Asked {
  readonly row: Labelled
  readonly reply: Reply
}

/** Asks all questions, a number of them at a time; when `signal` fires, the rest are left out. `seen` is told of each. */
export async function askAll(
  questions: readonly Labelled[],
  ask: (question: Question) => Promise<Reply>,
  { concurrency, signal, seen }: { concurrency: number; signal: AbortSignal; seen?: (asked: Asked) => void },
): Promise<Asked[]> {
  const asked: Asked[] = []
  const waiting = questions.values()
  // They share one iterator: whoever is free takes the next.
  const one = async () => {
    for (const row of waiting) {
      if (signal.aborted) return
      const each = { row, reply: await ask(row.question) }
      asked.push(each)
      seen?.(each)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, questions.length) }, one))
  return asked
}

export function evaluation(asked: readonly Asked[], seconds: number): Evaluation {
  const confusion: [[number, number], [number, number]] = [
    [0, 0],
    [0, 0],
  ]
  const failures: Record<string, { count: number; says: string | undefined }> = {}
  const releases = new Map<string, Release>()
  const latencies: number[] = []
  for (const { row, reply } of asked) {
    if (reply.kind === 'failure') {
      const known = failures[reply.reason]
      failures[reply.reason] = { count: (known?.count ?? 0) + 1, says: known ? known.says : reply.says }
      continue
    }
    const { predicted, version, modelId, modelDate } = reply
    confusion[row.label][predicted]++
    latencies.push(reply.ms)
    const key = `${version} ${modelId} ${modelDate}`
    releases.set(key, { version, modelId, modelDate, answers: (releases.get(key)?.answers ?? 0) + 1 })
  }
  const right = confusion[0][0] + confusion[1][1]
  const answered = latencies.length
  return {
    rows: asked.length,
    answered,
    failed: asked.length - answered,
    failures,
    accuracy: { percent: answered === 0 ? undefined : (right / answered) * 100, right, rows: answered },
    confusion,
    latency: percentiles(latencies),
    seconds,
    releases: [...releases.values()],
  }
}
