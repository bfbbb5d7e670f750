import type { LiveTexts } from '../american/live-texts.ts'
import { type Work, WorkError } from '../broker/broker.ts'
import { messageOf, PredictorError } from '../errors.ts'
import { decodeJob, encode, type Job, type Predictions } from '../jobs.ts'
import type { Log } from '../log.ts'
import type { LiveModel } from '../model/live-model.ts'
import type { LiveTable } from '../model/live-table.ts'
import { type BatchLimits, batching } from './batch.ts'

/** The models that a worker serves; `undefined`: not this one. */
export interface Models {
  readonly diabetes: LiveModel<LiveTable> | undefined
  readonly american: LiveModel<LiveTexts> | undefined
}

/**
 * Answers a job's bytes with the reply's bytes; a model that is missing or does not fit is a reply as well. Rejects with a `WorkError`
 * for what is no job, and with anything else when this program is at fault: the broker then puts the job aside, or tries again.
 */
export function worker(models: Models, limits: BatchLimits, log: Log): Work {
  const rows = batching(
    limits,
    (job: RowsJob) => job.rows.length,
    async jobs => {
      const { model, info } = await served(models.diabetes, 'diabetes').current()
      const probability = [...model.probabilities(jobs.flatMap(job => job.rows))]
      const predicted = probability.map(p => Number(p > 0.5))
      return split(
        jobs.map(job => job.rows.length),
        { predicted, probability, model: info },
      )
    },
  )
  const texts = batching(
    limits,
    (job: TextsJob) => job.texts.length,
    async jobs => {
      const { judge, info } = await served(models.american, 'american').current()
      const judged = jobs.flatMap(job => job.texts).map(judge)
      return split(
        jobs.map(job => job.texts.length),
        {
          predicted: judged.map(each => each.isAmerican),
          probability: judged.map(each => each.probability),
          model: info,
        },
      )
    },
  )

  async function reply(job: Job): Promise<Buffer> {
    switch (job.kind) {
      case 'score-table':
        return (await served(models.diabetes, 'diabetes').current()).scores
      case 'describe':
        return encode({ ok: true, result: (await served(models[job.model], job.model).current()).info })
      case 'predict-rows':
        return encode({ ok: true, result: await rows(job) })
      case 'predict-texts':
        return encode({ ok: true, result: await texts(job) })
      default:
        return job satisfies never
    }
  }

  return async bytes => {
    const job = decodeJob(bytes)
    if (job === undefined) throw new WorkError('job.unreadable', 'this worker does not know such a job')
    try {
      return await reply(job)
    } catch (error) {
      if (!(error instanceof PredictorError)) throw error
      // Probes ask every few seconds, also for a model that was never there.
      const level = job.kind === 'describe' ? 'debug' : 'error'
      log[level]({ code: error.code, reason: messageOf(error), job: job.kind }, 'job failed')
      return encode({ ok: false, code: error.code, message: messageOf(error) })
    }
  }
}

type RowsJob = Extract<Job, { kind: 'predict-rows' }>
type TextsJob = Extract<Job, { kind: 'predict-texts' }>

function served<T>(model: T | undefined, name: string): T {
  if (model !== undefined) return model
  throw new PredictorError('model.not-served', `this worker does not serve ${name}`, { hint: 'see MODELS' })
}

/** Gives each job of a batch its part of the answers. */
function split(sizes: readonly number[], all: Omit<Predictions, 'batch'>): Predictions[] {
  let from = 0
  return sizes.map(size => {
    const to = from + size
    const part = {
      ...all,
      predicted: all.predicted.slice(from, to),
      probability: all.probability.slice(from, to),
      batch: sizes.length,
    }
    from = to
    return part
  })
}
