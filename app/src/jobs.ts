import type { ModelName } from './settings.ts'

/** What web asks of a worker. */
export type Job =
  /** The served rows with prediction and accuracy. */
  | { readonly kind: 'score-table' }
  /** A model alone. */
  | { readonly kind: 'describe'; readonly model: ModelName }
  /** Rows of measurements: has this person diabetes? */
  | { readonly kind: 'predict-rows'; readonly rows: readonly (readonly number[])[] }
  /** Texts: is the author American? */
  | { readonly kind: 'predict-texts'; readonly texts: readonly string[] }

export interface Results {
  'score-table': Scores
  describe: ModelInfo
  'predict-rows': Predictions
  'predict-texts': Predictions
}

/** The model that answered. */
export interface ModelInfo {
  readonly name: ModelName
  readonly id: string
  readonly format: string
  readonly engine: string
  /** When it was trained, or else when its files were written: ISO 8601. */
  readonly date: string
  /** In percent, on rows that it did not see; null where nothing says so. */
  readonly accuracy: number | null
  /** How many rows the accuracy is of. */
  readonly rows: number
}

export interface Scores {
  readonly y: readonly number[]
  readonly predicted: readonly number[]
  readonly probability: readonly number[]
  readonly accuracy: number
  readonly model: ModelInfo
}

/** The answers to rows or texts, in their order. */
export interface Predictions {
  /** 1: diabetes, or American. */
  readonly predicted: readonly number[]
  /** That the label is 1. */
  readonly probability: readonly number[]
  readonly model: ModelInfo
  /** How many jobs the worker did in one go, this one among them. */
  readonly batch: number
}

/** The reply on the wire: JSON. */
export type Reply<K extends Job['kind'] = Job['kind']> =
  | { readonly ok: true; readonly result: Results[K] }
  | { readonly ok: false; readonly code: string; readonly message: string }

export function encode(message: Job | Reply): Buffer {
  return Buffer.from(JSON.stringify(message))
}

/** Reads a job; `undefined` for what is none: nothing of it can then be answered. */
export function decodeJob(bytes: Buffer): Job | undefined {
  let job: unknown
  try {
    job = JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
  if (typeof job !== 'object' || job === null || !('kind' in job)) return undefined
  switch (job.kind) {
    case 'score-table':
      return { kind: job.kind }
    case 'describe':
      // A web of the version before this one knew one model.
      return { kind: job.kind, model: 'model' in job && job.model === 'american' ? 'american' : 'diabetes' }
    case 'predict-rows':
      return 'rows' in job && isList(job.rows, isRow) ? { kind: job.kind, rows: job.rows } : undefined
    case 'predict-texts':
      return 'texts' in job && isList(job.texts, isText) ? { kind: job.kind, texts: job.texts } : undefined
    default:
      return undefined
  }
}

function isList<T>(value: unknown, fits: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(fits)
}

const isRow = (value: unknown): value is number[] =>
  isList(value, (each): each is number => typeof each === 'number' && Number.isFinite(each))
const isText = (value: unknown): value is string => typeof value === 'string'

/** Reads the reply to a job of this kind: the boundary where bytes of a worker of the same version get their type. */
export function decodeReply<K extends Job['kind']>(bytes: Buffer): Reply<K> {
  return JSON.parse(bytes.toString('utf8')) as Reply<K>
}
