import type { FastifyInstance } from 'fastify'
import type { Requester } from '../broker/broker.ts'
import type { Metrics } from './metrics.ts'
import type { Predictor } from './predictor.ts'

/** What the routes for operators read. */
export interface Operations {
  readonly requester: Requester
  readonly predictor: Predictor
  readonly metrics: Metrics
  readonly version: string
}

/** `/healthz`, `/readyz`, `/version`, `/status` (JSON) and `/metrics` (Prometheus). */
export function operationRoutes(app: FastifyInstance, { requester, predictor, metrics, version }: Operations): void {
  app.get('/healthz', async () => ({ ok: true }))

  app.get('/readyz', async (_, reply) => {
    const queue = await requester.queue()
    const reason = notReady(queue)
    if (reason !== undefined) reply.code(503).header('retry-after', '2')
    return reason === undefined ? { ready: true, queue } : { ready: false, reason, queue: queue ?? null }
  })

  app.get('/version', async () => {
    const model = await predictor.model()
    return { version, node: process.versions.node, engine: model?.engine ?? null, model: model ?? null }
  })

  app.get('/status', async () => {
    const [queue, model] = await Promise.all([requester.queue(), predictor.model()])
    return {
      version,
      uptimeSeconds: Math.floor(process.uptime()),
      ready: notReady(queue) === undefined,
      queue: queue ?? null,
      pending: requester.pending,
      model: model ?? null,
    }
  })

  app.get('/metrics', async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()))
}

function notReady(queue: Awaited<ReturnType<Requester['queue']>>): string | undefined {
  if (queue === undefined) return 'the broker is away'
  return queue.consumers === 0 ? 'no worker takes jobs' : undefined
}
