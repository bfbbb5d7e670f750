import { rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { amqpConsumer } from './broker/amqp-consumer.ts'
import { amqpRequester } from './broker/amqp-requester.ts'
import type { Consumer, Requester, Work } from './broker/broker.ts'
import { embeddedBroker } from './broker/embedded.ts'
import { messageOf, PredictorError } from './errors.ts'
import { fetchModel } from './fetch-model.ts'
import { heartbeat } from './health.ts'
import { createLog, type Log } from './log.ts'
import type { ModelName, Settings } from './settings.ts'
import type { WebSettings } from './web/server.ts'
import { type Models, worker } from './worker/worker.ts'

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
  const { amqpUrl: url, queue, queueLimit } = settings
  const amqp = url === undefined ? undefined : { url, queue, queueLimit, log }
  const embedded = amqp ? undefined : embeddedBroker(limits, log)

  let consumer: Consumer | undefined
  if (role !== 'web') {
    const work = await warmWorker(settings, log)
    consumer =
      embedded?.consume(work, settings.prefetch) ??
      (amqp && (await amqpConsumer({ ...amqp, ...settings, queue }, work)))
  }
  const stopBeating =
    settings.healthFile && consumer ? heartbeat(settings.healthFile, () => consumer.taking) : undefined

  let stopping = false
  let web: { url: string; close(): Promise<void> } | undefined
  if (role !== 'worker') {
    const requester = embedded ?? (amqp && (await amqpRequester(amqp, limits)))
    if (requester) web = await listen({ ...settings, stopping: () => stopping }, requester, log)
  }
  return {
    url: web?.url,
    async stop() {
      log.info('stopping')
      stopping = true
      stopBeating?.()
      if (web !== undefined) await delay(settings.drainMs)
      // The web first: what it still waits for needs the worker.
      await web?.close()
      await consumer?.close()
      log.info('stopped')
    },
  }
}

async function listen(settings: Settings & WebSettings, requester: Requester, log: Log) {
  // A worker has no use for the web server.
  const { buildServer } = await import('./web/server.ts')
  const app = buildServer(settings, requester, log)
  const { host, port } = settings
  const url = await app.listen({ host, port }).catch(error => {
    throw new PredictorError('listen.failed', `the address ${host}:${port} cannot be used: ${messageOf(error)}`)
  })
  return {
    url,
    async close() {
      await app.close()
      await requester.close()
    },
  }
}

/** Loads the models before the first job; one that cannot be loaded is said in the log, and in each reply until it is mended. */
async function warmWorker(settings: Settings, log: Log): Promise<Work> {
  const fetched = settings.modelUrl && (await fetchModel(settings.modelUrl, log))
  if (fetched) process.once('exit', () => rmSync(fetched.dir, { recursive: true, force: true }))
  if (fetched && !settings.models.includes(fetched.name)) {
    throw new PredictorError('settings.invalid', `MODEL_URL is a model of ${fetched.name}, which MODELS does not name`)
  }
  const dirOf = (name: ModelName, dir: string) => (fetched?.name === name ? fetched.dir : dir)
  const models: Models = {
    diabetes: settings.models.includes('diabetes')
      ? await openTable({ ...settings, modelDir: dirOf('diabetes', settings.modelDir) }, log)
      : undefined,
    american: settings.models.includes('american')
      ? await openTexts(dirOf('american', settings.americanDir), log)
      : undefined,
  }
  for (const name of settings.models) {
    await models[name]?.current().catch(() => log.warn({ model: name }, 'no model to begin with'))
    // A release that comes while nobody asks is loaded before the first who does.
    setInterval(() => models[name]?.refresh(), settings.reloadMs).unref()
  }
  return worker(models, settings.batch, log)
}

// A worker loads only what it serves: TensorFlow.js is most of the program.
async function openTable(settings: Settings, log: Log): Promise<Models['diabetes']> {
  const [{ loadEngine }, { liveTable }] = await Promise.all([
    import('./model/tensorflow.ts'),
    import('./model/live-table.ts'),
  ])
  return liveTable(settings, await loadEngine(settings.backend), log)
}

async function openTexts(dir: string, log: Log): Promise<Models['american']> {
  const { liveTexts } = await import('./american/live-texts.ts')
  return liveTexts(dir, log)
}
