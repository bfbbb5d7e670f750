import type { Requester } from '../broker/broker.ts'
import { PredictorError } from '../errors.ts'
import { decodeReply, encode, type Job, type ModelInfo, type Predictions, type Results, type Scores } from '../jobs.ts'
import type { ModelName } from '../settings.ts'

/** The predictor as the web sees it: questions to whichever worker is free. */
export interface Predictor {
  /** Throws `request.…` when nobody answers in time, and the worker's own code when it cannot answer. */
  scores(): Promise<Scores>
  /** The probability of diabetes for each row. Throws as `scores` does. */
  rows(rows: readonly (readonly number[])[]): Promise<Predictions>
  /** The probability that the author is American, for each text. Throws as `scores` does. */
  texts(texts: readonly string[]): Promise<Predictions>
  /** The model that answers at present; `undefined` when there is none. Never takes longer than two seconds. */
  model(name: ModelName): Promise<ModelInfo | undefined>
  /** The ids of the releases that answer this many questions: more than one while workers change over. */
  releases(name: ModelName, questions: number): Promise<string[]>
}

/** A job that was asked: `outcome` is `answered`, or the code of the error; `batch` is how many were done in one go. */
export interface Asked {
  readonly outcome: string
  readonly seconds: number
  readonly batch?: number
}

/** How long a look at the model stays good: a page full of probes asks the workers once. */
const freshMs = 200

export function predictor(requester: Requester, onAsked: (asked: Asked) => void): Predictor {
  const known = new Map<ModelName, ModelInfo>()
  const looks = new Map<ModelName, { readonly atMs: number; readonly answer: Promise<ModelInfo | undefined> }>()

  async function ask<J extends Job>(job: J, timeoutMs?: number): Promise<Results[J['kind']]> {
    const reply = decodeReply<J['kind']>(await requester.request(encode(job), timeoutMs))
    if (!reply.ok) throw new PredictorError(reply.code, reply.message)
    return reply.result
  }

  async function answer<J extends Exclude<Job, { kind: 'describe' }>>(job: J): Promise<Results[J['kind']]> {
    const began = performance.now()
    const seconds = () => (performance.now() - began) / 1000
    try {
      const result = await ask(job)
      known.set(result.model.name, result.model)
      onAsked({ outcome: 'answered', seconds: seconds(), ...('batch' in result ? { batch: result.batch } : {}) })
      return result
    } catch (error) {
      onAsked({ outcome: error instanceof PredictorError ? error.code : 'failed', seconds: seconds() })
      throw error
    }
  }

  async function look(name: ModelName): Promise<ModelInfo | undefined> {
    const queue = await requester.queue()
    if (queue === undefined || queue.consumers === 0) return undefined
    try {
      known.set(name, await ask({ kind: 'describe', model: name }, 2000))
    } catch (error) {
      // Busy workers are no news; one that has no model is.
      if (!(error instanceof PredictorError && error.code.startsWith('request.'))) known.delete(name)
    }
    return known.get(name)
  }

  return {
    scores: () => answer({ kind: 'score-table' }),
    rows: rows => answer({ kind: 'predict-rows', rows }),
    texts: texts => answer({ kind: 'predict-texts', texts }),
    model(name) {
      const last = looks.get(name)
      if (last !== undefined && performance.now() - last.atMs <= freshMs) return last.answer
      const answer = look(name)
      looks.set(name, { atMs: performance.now(), answer })
      return answer
    },
    async releases(name, questions) {
      // RabbitMQ gives jobs to its consumers in turns: with three each, none is left out.
      const asked = Array.from({ length: questions }, () => ask({ kind: 'describe', model: name }, 2000))
      const answers = await Promise.allSettled(asked)
      return [...new Set(answers.map(answer => (answer.status === 'fulfilled' ? answer.value.id : '-')))].sort()
    },
  }
}
