import { amqpConsumer } from './broker/amqp-consumer.ts'
import { amqpRequester } from './broker/amqp-requester.ts'
import type { Consumer, Requester } from './broker/broker.ts'
import { embeddedBroker } from './broker/embedded.ts'
import { PredictorError } from './errors.ts'
import { heartbeat } from './health.ts'
import { createLog, type Log } from './log.ts'
import { liveModel } from './model/live-model.ts'
import { loadEngine } from './model/tensorflow.ts'
import type { Settings } from './settings.ts'
import { worker } from './worker/worker.ts'

export type Role = 'web' | 'worker' | 'all'

/** A running service. `stop` finishes what was begun: no request and no job is lost. */
export interface Service {
  /** Where the web listens; `undefined` for a worker. */
  readonly url: string | undefined
  stop(): Promise<void>
}

/** Starts the roles; throws `settings.invalid` when they need a broker and none is named. */
export async function startService(role: Role, settings: Settings): Promise<Service> {
  const log = createLog(settings.logLevel, role)
  if (role !== 'all' && settings.amqpUrl === undefined) {
    throw new PredictorError('settings.invalid', `${role} alone needs AMQP_URL, AMQP_URL_FILE or AMQP_HOST`, {
      hint: 'without a broker, start both in one process: `main.js all`',
    })
  }
  const limits = { limit: settings.maxPending, timeoutMs: settings.rpcTimeoutMs }
  const amqp = settings.amqpUrl === undefined ? undefined : { url: settings.amqpUrl, queue: settings.queue, log }
  const embedded = amqp ? undefined : embeddedBroker(limits)

  let consumer: Consumer | undefined
  if (role !== 'web') {
    const work = await warmWorker(settings, log)
    consumer =
      embedded?.consume(work, settings.prefetch) ??
      (amqp && (await amqpConsumer({ ...amqp, prefetch: settings.prefetch }, work)))
  }
  const stopBeating =
    settings.healthFile && consumer ? heartbeat(settings.healthFile, () => consumer.taking) : undefined

  let web: { url: string; close(): Promise<void> } | undefined
  if (role !== 'worker') {
    const requester = embedded ?? (amqp && (await amqpRequester(amqp, limits)))
    if (requester) web = await listen(settings, requester, log)
  }
  return {
    url: web?.url,
    async stop() {
      log.info('stopping')
      stopBeating?.()
      // The web first: what it still waits for needs the worker.
      await web?.close()
      await consumer?.close()
      log.info('stopped')
    },
  }
}

async function listen(settings: Settings, requester: Requester, log: Log) {
  // A worker has no use for the web server.
  const { buildServer } = await import('./web/server.ts')
  const app = buildServer(settings, requester, log)
  const url = await app.listen({ host: settings.host, port: settings.port })
  return {
    url,
    async close() {
      await app.close()
      await requester.close()
    },
  }
}

/** Loads the model before the first job; one that cannot be loaded is said in the log, and in each reply until it is mended. */
async function warmWorker(settings: Settings, log: Log) {
  const engine = await loadEngine(settings.backend)
  const model = liveModel(settings, engine, log)
  await model.current().catch(() => log.warn({ modelDir: settings.modelDir }, 'no model to begin with'))
  return worker(model, log)
}
