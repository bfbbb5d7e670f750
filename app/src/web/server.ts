import { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, fastify, LogController } from 'fastify'
import type { Requester } from '../broker/broker.ts'
import type { Log } from '../log.ts'
import type { Settings } from '../settings.ts'
import { apiRoutes } from './api-routes.ts'
import { docsRoutes } from './docs-routes.ts'
import { failures } from './failures.ts'
import { inferenceRoutes } from './inference-routes.ts'
import { labRoutes } from './lab-routes.ts'
import { metrics } from './metrics.ts'
import { operationRoutes } from './operation-routes.ts'
import { contentSecurityPolicy } from './pages/layout.ts'
import { type Predictor, predictor } from './predictor.ts'
import { tryRoutes } from './try-routes.ts'

export type WebSettings = Pick<Settings, 'host' | 'port' | 'maxBodyBytes' | 'version' | 'models'> & {
  /** Whether this process is about to stop. */
  readonly stopping?: () => boolean
}

/** Builds the web server without listening. */
export function buildServer(settings: WebSettings, requester: Requester, log: Log): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = log
  const { models, version } = settings
  const stopping = settings.stopping ? { stopping: settings.stopping } : {}
  const failing = failures(models)
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: settings.maxBodyBytes,
    // While it stops, a request on an open connection is still answered.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // What fails before a route is found, such as an address that is none, is answered like the rest.
    frameworkErrors: failing.answer,
  })
  const asked: Predictor = predictor(requester, seen => counts.job(seen))
  const counts = metrics({ requester, predictor: asked, version, models })

  // A body of whatever type is let pass up to the limit: the lab's forms read none, and the others look at it themselves.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_: FastifyRequest, body: Buffer) => body)
  app.addHook('onSend', async (_, reply) => {
    reply.headers({
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    // Clients that keep their connection go elsewhere before it is closed under them.
    if (settings.stopping?.()) reply.header('connection', 'close')
  })
  app.addHook('onResponse', async (request, reply) => {
    const seconds = reply.elapsedTime / 1000
    const route = routeOf(request)
    counts.request({ method: request.method, route, status: reply.statusCode, seconds })
    const line = {
      method: request.method,
      url: request.url,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    }
    if (probes.has(route)) log.debug(line, 'request')
    else log.info(line, 'request')
  })
  app.setErrorHandler(failing.answer)
  app.setNotFoundHandler(failing.notFound(app))

  const api = { models, predictor: asked, version }
  labRoutes(app, api)
  tryRoutes(app, api)
  apiRoutes(app, api)
  inferenceRoutes(app, { ...api, requester })
  docsRoutes(app, api)
  operationRoutes(app, { ...api, requester, metrics: counts, ...stopping })
  return app
}

/** Asked every few seconds by machines: not worth a line in the log each. */
const probes = new Set(['/healthz', '/readyz', '/metrics', '/status', '/version', '/workers'])

/** The pattern, never the address itself: made-up addresses must not make new time series. */
function routeOf(request: FastifyRequest): string {
  return request.is404 ? 'none' : (request.routeOptions.url ?? 'none')
}
