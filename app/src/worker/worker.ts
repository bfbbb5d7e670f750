import { messageOf, PredictorError } from '../errors.ts'
import { decodeJob, encode } from '../jobs.ts'
import type { Log } from '../log.ts'
import type { LiveModel } from '../model/live-model.ts'

/** Answers a job's bytes with the reply's bytes. Never rejects: what goes wrong is a reply as well. */
export function worker(model: LiveModel, log: Log): (job: Buffer) => Promise<Buffer> {
  return async bytes => {
    const job = decodeJob(bytes)
    if (job === undefined)
      return encode({ ok: false, code: 'job.unknown', message: 'this worker does not know such a job' })
    try {
      const live = await model.current()
      switch (job.kind) {
        case 'score-table':
          return live.scores
        case 'describe':
          return live.description
        default:
          return job satisfies never
      }
    } catch (error) {
      const code = error instanceof PredictorError ? error.code : 'worker.failed'
      log.error({ code, reason: messageOf(error), job: job.kind }, 'job failed')
      return encode({ ok: false, code, message: messageOf(error) })
    }
  }
}
