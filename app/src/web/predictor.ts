import type { Requester } from '../broker/broker.ts'
import { PredictorError } from '../errors.ts'
import { decodeReply, encode, type ModelInfo, type Scores } from '../jobs.ts'

/** The predictor as the web sees it: questions to whichever worker is free. */
export interface Predictor {
  /** Throws `request.…` when nobody answers in time, and the worker's own code when it cannot answer. */
  scores(): Promise<Scores>
  /** The model that answers at present; `undefined` when there is no worker. Never takes longer than two seconds. */
  model(): Promise<ModelInfo | undefined>
}

/** How long a look at the model stays good: a page full of probes asks the workers once. */
const freshMs = 1000

export function predictor(requester: Requester): Predictor {
  let known: ModelInfo | undefined
  let asked: { readonly atMs: number; readonly answer: Promise<ModelInfo | undefined> } | undefined

  async function ask<K extends 'score-table' | 'describe'>(kind: K, timeoutMs?: number) {
    const reply = decodeReply<K>(await requester.request(encode({ kind }), timeoutMs))
    if (!reply.ok) throw new PredictorError(reply.code, reply.message)
    return reply.result
  }

  async function look(): Promise<ModelInfo | undefined> {
    const queue = await requester.queue()
    if (queue === undefined || queue.consumers === 0) return undefined
    try {
      known = await ask('describe', 2000)
    } catch (error) {
      // Busy workers are no news; one that has no model is.
      if (!(error instanceof PredictorError && error.code.startsWith('request.'))) known = undefined
    }
    return known
  }

  return {
    async scores() {
      const scores = await ask('score-table')
      known = scores.model
      return scores
    },
    model() {
      if (asked === undefined || performance.now() - asked.atMs > freshMs)
        asked = { atMs: performance.now(), answer: look() }
      return asked.answer
    },
  }
}
