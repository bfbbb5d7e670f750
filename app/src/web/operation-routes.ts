import type { FastifyInstance } from 'fastify'
import type { Requester } from '../broker/broker.ts'
import type { ModelName } from '../settings.ts'
import type { Metrics } from './metrics.ts'
import type { Predictor } from './predictor.ts'

/** What the routes for operators read. */
export interface Operations {
  readonly requester: Requester
  readonly predictor: Predictor
  readonly metrics: Metrics
  readonly version: string
  readonly models: readonly ModelName[]
  /** Whether this process is about to stop. */
  readonly stopping?: () => boolean
}

/** `/healthz`, `/readyz`, `/version`, `/status` (JSON), `/workers` (text) and `/metrics` (Prometheus). */
export function operationRoutes(app: FastifyInstance, operations: Operations): void {
  const { requester, predictor, metrics, version, models, stopping = () => false } = operations
  /** Every served model by its name, and the first of them alone: what clients knew before there were two. */
  const look = async () => {
    const infos = await Promise.all(models.map(async name => [name, (await predictor.model(name)) ?? null] as const))
    return { model: infos[0]?.[1] ?? null, models: Object.fromEntries(infos) }
  }

  app.get('/healthz', async (_, reply) => {
    if (stopping()) reply.code(503)
    return { ok: !stopping() }
  })

  app.get('/readyz', async (_, reply) => {
    const queue = await requester.queue()
    const reason = notReady(queue)
    if (reason !== undefined) reply.code(503).header('retry-after', '2')
    return reason === undefined ? { ready: true, queue } : { ready: false, reason, queue: queue ?? null }
  })

  app.get('/version', async () => {
    const seen = await look()
    return { version, node: process.versions.node, engine: seen.model?.engine ?? null, ...seen }
  })

  app.get('/status', async () => {
    const [queue, dead, seen] = await Promise.all([requester.queue(), requester.dead(), look()])
    return {
      version,
      uptimeSeconds: Math.floor(process.uptime()),
      ready: notReady(queue) === undefined,
      queue: queue ?? null,
      pending: requester.pending,
      dead: dead ?? null,
      ...seen,
    }
  })

  // For programs in shell: a line for each release that answers at present, with how many workers there are.
  app.get('/workers', async (_, reply) => {
    const { consumers = 0 } = (await requester.queue()) ?? {}
    const seen = await Promise.all(
      models.map(async name => ({ name, ids: await predictor.releases(name, consumers * 3) })),
    )
    const lines = seen.flatMap(({ name, ids }) => ids.map(id => `${name} ${id} ${consumers}\n`))
    return reply.type('text/plain; charset=utf-8').send(lines.join(''))
  })

  app.get('/metrics', async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()))
}

function notReady(queue: Awaited<ReturnType<Requester['queue']>>): string | undefined {
  if (queue === undefined) return 'the broker is away'
  return queue.consumers === 0 ? 'no worker takes jobs' : undefined
}
