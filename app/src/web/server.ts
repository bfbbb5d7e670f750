import { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, fastify, LogController } from 'fastify'
import type { Requester } from '../broker/broker.ts'
import { PredictorError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Settings } from '../settings.ts'
import { answerProblem, notFound } from './failures.ts'
import { labRoutes } from './lab-routes.ts'
import { metrics } from './metrics.ts'
import { operationRoutes } from './operation-routes.ts'
import { contentSecurityPolicy } from './pages/layout.ts'
import { predictor } from './predictor.ts'

export type WebSettings = Pick<Settings, 'host' | 'port' | 'maxBodyBytes' | 'version'>

/** Builds the web server without listening. */
export function buildServer(settings: WebSettings, requester: Requester, log: Log): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = log
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: settings.maxBodyBytes,
    // While it stops, a request on an open connection is still answered.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // What fails before a route is found, such as an address that is none, is answered like the rest.
    frameworkErrors: answerProblem,
  })
  const asked = predictor(requester)
  const counts = metrics(requester, asked, settings.version)

  // The forms send nothing that is read: whatever stands in a body, of whatever type, is let pass up to the limit.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async () => undefined)
  app.addHook('onSend', async (_, reply) => {
    reply.headers({
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
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
  app.setErrorHandler(answerProblem)
  app.setNotFoundHandler(notFound(app))

  labRoutes(app, async () => {
    const began = performance.now()
    const count = (outcome: string) => counts.job(outcome, (performance.now() - began) / 1000)
    try {
      const scores = await asked.scores()
      count('answered')
      return scores
    } catch (error) {
      count(error instanceof PredictorError ? error.code : 'failed')
      throw error
    }
  })
  operationRoutes(app, { requester, predictor: asked, metrics: counts, version: settings.version })
  return app
}

/** Asked every few seconds by machines: not worth a line in the log each. */
const probes = new Set(['/healthz', '/readyz', '/metrics', '/status', '/version'])

/** The pattern, never the address itself: made-up addresses must not make new time series. */
function routeOf(request: FastifyRequest): string {
  return request.is404 ? 'none' : (request.routeOptions.url ?? 'none')
}
