import { PredictorError } from '../errors.ts'

/** The side that asks. */
export interface Requester {
  /** Sends a job and resolves with its reply; rejects with a `RequestError` at the deadline at the latest. */
  request(body: Buffer, timeoutMs?: number): Promise<Buffer>
  /** What the queue holds now; `undefined` when the broker is away. */
  queue(): Promise<QueueState | undefined>
  readonly pending: number
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

/** Answers a job; must not reject. */
export type Work = (body: Buffer) => Promise<Buffer>

/** Why a request has no answer. All of them are worth another try later. */
export class RequestError extends PredictorError {
  constructor(code: 'request.timeout' | 'request.busy' | 'request.closed', message: string) {
    super(code, message)
  }
}
