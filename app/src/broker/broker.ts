import { PredictorError } from '../errors.ts'

/** The side that asks. */
export interface Requester {
  /** Sends a job and resolves with its reply; rejects with a `RequestError` at the deadline at the latest. */
  request(body: Buffer, timeoutMs?: number): Promise<Buffer>
  /** What the queue holds now; `undefined` when the broker is away. */
  queue(): Promise<QueueState | undefined>
  /** How many jobs were put aside, because none could answer them; `undefined` when the broker is away. */
  dead(): Promise<number | undefined>
  readonly pending: number
  /** How many answers came that nobody waited for: late ones, and second ones. They are dropped. */
  readonly strays: number
  readonly reconnects: number
  /** Fails what is still pending, then leaves. */
  close(): Promise<void>
}

/** The side that works. */
export interface Consumer {
  /** Says whether jobs arrive at present. */
  readonly taking: boolean
  /** Takes no further job, finishes the ones in hand and acknowledges them, then leaves. */
  close(): Promise<void>
}

export interface QueueState {
  /** Jobs that wait. */
  readonly messages: number
  readonly consumers: number
}

/** Answers a job. Rejects with a `WorkError` for what cannot be answered by anybody; after any other rejection it may be tried again. */
export type Work = (body: Buffer) => Promise<Buffer>

/** Why a job is put aside: it is none, or it failed too often. */
export class WorkError extends PredictorError {
  constructor(code: 'job.unreadable' | 'job.failed', message: string) {
    super(code, message)
  }
}

/** Why a request has no answer. All of them are worth another try later. */
export class RequestError extends PredictorError {
  constructor(code: 'request.timeout' | 'request.busy' | 'request.closed', message: string) {
    super(code, message)
  }
}
