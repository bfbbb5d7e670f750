import { liveTexts } from '../american/live-texts.ts'
import { embeddedBroker } from '../broker/embedded.ts'
import { createLog } from '../log.ts'
import { liveTable } from '../model/live-table.ts'
import { loadEngine } from '../model/tensorflow.ts'
import { type ModelName, modelNames } from '../settings.ts'
import { buildServer } from '../web/server.ts'
import { worker } from '../worker/worker.ts'
import { dataFile, labFolder } from './model-dir.ts'

const log = createLog('silent', 'test')

export interface ServeOptions {
  readonly workers?: number
  readonly timeoutMs?: number
  readonly limit?: number
  readonly models?: readonly ModelName[]
  readonly modelDir?: string
  readonly americanDir?: string
  readonly stopping?: () => boolean
  readonly maxBodyBytes?: number
}

/** A real server on a port of its own, with real workers behind the embedded queue. `closers` takes how to end it. */
export async function serve(closers: (() => Promise<void>)[], options: ServeOptions = {}) {
  const { workers = 1, timeoutMs = 20_000, limit = 1000, models = modelNames, modelDir = labFolder('a') } = options
  const { maxBodyBytes = 1000 } = options
  const broker = embeddedBroker({ limit, timeoutMs }, log)
  for (let i = 0; i < workers; i++) {
    const diabetes = models.includes('diabetes')
      ? liveTable(
          { modelDir, dataFile: undefined, fallbackData: dataFile('held-out.csv') },
          await loadEngine('cpu'),
          log,
        )
      : undefined
    const american = models.includes('american') ? liveTexts(options.americanDir ?? '/nonexistent', log) : undefined
    broker.consume(worker({ diabetes, american }, { max: 32, waitMs: 2 }, log), 32)
  }
  const stopping = options.stopping ? { stopping: options.stopping } : {}
  const settings = { host: '127.0.0.1', port: 0, maxBodyBytes, version: '1.2.3', models, ...stopping }
  const app = buildServer(settings, broker, log)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  closers.push(
    () => app.close(),
    () => broker.close(),
  )
  return { app, url, broker }
}
