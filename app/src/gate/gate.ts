import { messageOf, PredictorError } from '../errors.ts'
import type { Files } from '../model/format.ts'
import { unsafeFormats } from './candidate.ts'
import { leaked, trainingRowsFile } from './leakage.ts'
import { type Comparison, compare, type Threshold } from './verdict.ts'

/** A model that was loaded to be judged. */
export interface Judged {
  readonly id: string
  readonly format: string
  /** The files that make it up: what else was pushed is no part of a release. */
  readonly files: readonly string[]
  /** What it is asked with, in words: `rows of 8 numbers`, `texts`. */
  readonly takes: string
  /** The label of each row, in their order; throws `model.mismatch` or `model.not-finite`. */
  label(): readonly number[]
  /** Answers the smoke rows; throws as `label` does. */
  smoke(): void
  dispose(): void
}

/** The rows by which models are judged. */
export interface Evaluation {
  readonly name: string
  /** In the words of `Judged.takes`. */
  readonly takes: string
  readonly labels: readonly number[]
  /** Each row as one text, to find it among training rows. */
  readonly rows: readonly string[]
}

export interface GateInput {
  /** `undefined` with the reason when nothing was readable. */
  readonly candidate: Files
  readonly live: Files | undefined
  readonly evaluation: Evaluation
  /** Loads a model; throws `model.…`. */
  readonly open: (files: Files) => Promise<Judged>
  readonly threshold: Threshold
  /** The metric may be worse: somebody said so. */
  readonly force: boolean
}

/** One thing that was looked at, in the order of looking. */
export interface Check {
  readonly name: 'parse' | 'shape' | 'smoke' | 'leakage' | 'metric'
  readonly result: 'passed' | 'warned' | 'failed' | 'forced'
  readonly text: string
}

export interface Verdict {
  readonly accepted: boolean
  readonly checks: readonly Check[]
  readonly candidate: Pick<Judged, 'id' | 'format' | 'files'> | undefined
  readonly liveId: string | undefined
  readonly comparison: Comparison | undefined
}

/** Judges a model before anybody is answered with it. Never throws for what is wrong with the candidate. */
export async function judge({ candidate, live, evaluation, open, threshold, force }: GateInput): Promise<Verdict> {
  const checks: Check[] = []
  const old = live && (await openLive(live, open))
  let fresh: Judged | undefined
  let comparison: Comparison | undefined
  const pass = (name: Check['name'], text: string) => checks.push({ name, result: 'passed', text })
  let name: Check['name'] = 'parse'
  try {
    fresh = await open(candidate)
    pass(name, `${fresh.format} from ${fresh.files.join(', ')}`)
    name = 'shape'
    if (fresh.takes !== evaluation.takes)
      throw new PredictorError('model.mismatch', `it takes ${fresh.takes}, ${evaluation.name} has ${evaluation.takes}`)
    pass(name, fresh.takes)
    name = 'smoke'
    fresh.smoke()
    const predicted = fresh.label()
    pass(name, `${evaluation.labels.length} rows are answered with numbers between 0 and 1`)
    checks.push(leakage(candidate, evaluation, predicted))
    comparison = compare({ labels: evaluation.labels, predicted }, old?.label(), threshold)
    checks.push(metric(comparison, force))
  } catch (error) {
    const unsafe = name === 'parse' ? unsafeFormats(candidate) : undefined
    checks.push({ name, result: 'failed', text: [messageOf(error).split('\n')[0], unsafe].filter(Boolean).join('; ') })
  }
  const judged = fresh && { id: fresh.id, format: fresh.format, files: fresh.files }
  fresh?.dispose()
  old?.dispose()
  return {
    accepted: checks.every(({ result }) => result !== 'failed'),
    checks,
    candidate: judged,
    liveId: old?.id,
    comparison,
  }
}

/** A live model that cannot be read is no reason to keep it: the new one is then judged alone. */
async function openLive(files: Files, open: GateInput['open']): Promise<Judged | undefined> {
  try {
    const model = await open(files)
    model.label()
    return model
  } catch {
    return undefined
  }
}

function leakage(candidate: Files, { name, rows, labels }: Evaluation, predicted: readonly number[]): Check {
  const digests = candidate.get(trainingRowsFile)?.toString('utf8')
  if (digests === undefined)
    return {
      name: 'leakage',
      result: 'warned',
      text: `${trainingRowsFile} is missing: whether it was trained on rows of ${name} cannot be told`,
    }
  const found = leaked(digests, rows)
  if (found.length === 0)
    return { name: 'leakage', result: 'passed', text: `none of the ${rows.length} rows of ${name} was trained on` }
  const shown = `row ${found.slice(0, 3).join(', ')}${found.length > 3 ? ', …' : ''}`
  const seen = new Set(found)
  const unseen = labels.map((_, row) => row).filter(row => !seen.has(row + 1))
  const right = unseen.filter(row => labels[row] === predicted[row]).length
  const honest =
    unseen.length > 0
      ? `on the other ${unseen.length} its accuracy is ${((right / unseen.length) * 100).toFixed(2)} %`
      : 'its accuracy says nothing'
  return {
    name: 'leakage',
    result: 'warned',
    text: `${found.length} of the ${rows.length} rows of ${name} were trained on (${shown}): ${honest}`,
  }
}

function metric(comparison: Comparison, force: boolean): Check {
  const { fresh, live, worse } = comparison
  const share = ({ right, total, low, high }: typeof fresh) =>
    `${((right / Math.max(1, total)) * 100).toFixed(2)} % (${right} of ${total}; 95 % interval ${low.toFixed(0)} to ${high.toFixed(0)})`
  const told = live ? `accuracy ${share(live)} -> ${share(fresh)}` : `accuracy ${share(fresh)}, and none is live`
  if (worse === undefined) return { name: 'metric', result: 'passed', text: told }
  return { name: 'metric', result: force ? 'forced' : 'failed', text: `${told}: ${worse}` }
}
