/** What web asks of a worker. `score-table`: the served rows with prediction and accuracy; `describe`: the model alone. */
export type Job = { readonly kind: 'score-table' } | { readonly kind: 'describe' }

export interface Results {
  'score-table': Scores
  describe: ModelInfo
}

/** The model that answered. */
export interface ModelInfo {
  readonly id: string
  readonly format: string
  readonly engine: string
  /** When it was trained, or else when its files were written: ISO 8601. */
  readonly date: string
  /** In percent, on the served rows. */
  readonly accuracy: number
  readonly rows: number
}

export interface Scores {
  readonly y: readonly number[]
  readonly predicted: readonly number[]
  readonly probability: readonly number[]
  readonly accuracy: number
  readonly model: ModelInfo
}

/** The reply on the wire: JSON. */
export type Reply<K extends Job['kind'] = Job['kind']> =
  | { readonly ok: true; readonly result: Results[K] }
  | { readonly ok: false; readonly code: string; readonly message: string }

export function encode(message: Job | Reply): Buffer {
  return Buffer.from(JSON.stringify(message))
}

/** Reads a job; `undefined` for what is none. */
export function decodeJob(bytes: Buffer): Job | undefined {
  try {
    const job: unknown = JSON.parse(bytes.toString('utf8'))
    const kind = typeof job === 'object' && job !== null && 'kind' in job ? job.kind : undefined
    return kind === 'score-table' || kind === 'describe' ? { kind } : undefined
  } catch {
    return undefined
  }
}

/** Reads the reply to a job of this kind: the boundary where bytes of a worker of the same version get their type. */
export function decodeReply<K extends Job['kind']>(bytes: Buffer): Reply<K> {
  return JSON.parse(bytes.toString('utf8')) as Reply<K>
}
