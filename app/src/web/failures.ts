import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PredictorError } from '../errors.ts'
import type { ModelName } from '../settings.ts'
import type { FieldProblem } from './features.ts'
import { BadRequest } from './json-body.ts'
import { problemPage } from './pages/problem.ts'

/** Says whether the client reads JSON rather than a page. */
export function prefersJson(request: FastifyRequest): boolean {
  if (/^\/(api|v2|openapi\.json)(\/|\?|$)/.test(request.url)) return true
  const accept = request.headers.accept ?? ''
  return accept.includes('application/json') && !accept.includes('text/html')
}

/** How a web that serves these models answers what goes wrong. */
export function failures(models: readonly ModelName[]) {
  const send = (request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply => {
    const { status, code, heading, message, advice, problems = [] } = problem
    reply.code(status)
    if (prefersJson(request)) return reply.send({ error: message, code, ...(problems.length > 0 ? { problems } : {}) })
    const page = problemPage({ models, path: request.url, heading, message, advice })
    return reply.type('text/html; charset=utf-8').send(page)
  }

  return {
    /** Turns an error into a page or JSON: 503 for what another try may heal, 429 when there is too much to do. */
    answer(
      error: FastifyError | PredictorError | BadRequest,
      request: FastifyRequest,
      reply: FastifyReply,
    ): FastifyReply {
      if (error instanceof PredictorError) {
        request.log.warn({ code: error.code, reason: error.message, url: request.url }, 'no answer')
        const problem = problemOf(error)
        if (problem.retryAfter !== undefined) reply.header('retry-after', problem.retryAfter)
        return send(request, reply, problem)
      }
      const status = error.statusCode ?? 500
      if (status >= 500) request.log.error({ err: error }, 'request failed')
      return send(request, reply, {
        status,
        code: error.code ?? 'internal',
        heading: status >= 500 ? 'Server error' : 'Bad request',
        message: status >= 500 ? 'Something went wrong in the server.' : `${error.message}.`,
        advice: 'Nothing was changed.',
        ...(error instanceof BadRequest ? { problems: error.problems } : {}),
      })
    },

    /** 404 for an unknown address, 405 with `Allow` for a known one asked in another way. */
    notFound(app: FastifyInstance) {
      return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
        // Routes are known by their pattern.
        const path = (request.url.split('?')[0] ?? '').replace(/^(\/v2\/models\/)[^/]+/, '$1:name')
        const methods = (['GET', 'HEAD', 'POST'] as const).filter(method => app.hasRoute({ url: path, method }))
        if (methods.length === 0) {
          return send(request, reply, {
            status: 404,
            code: 'not-found',
            heading: 'Not found',
            message: 'There is no such page.',
            advice: 'The pages are named above.',
          })
        }
        reply.header('allow', [...methods, 'OPTIONS'].join(', '))
        if (request.method === 'OPTIONS') return reply.code(204).send()
        return send(request, reply, {
          status: 405,
          code: 'method-not-allowed',
          heading: 'Method not allowed',
          message: `${request.method} is not possible here.`,
          advice: `Use ${methods.join(' or ')}.`,
        })
      }
    },
  }
}

function problemOf(error: PredictorError): Problem & { readonly retryAfter?: number } {
  const { code } = error
  const message = `No prediction at the moment: ${publicReason(error)}.`
  if (code === 'request.busy') {
    const advice = 'Please try again in a second.'
    return { status: 429, code, heading: 'Too many requests', message, advice, retryAfter: 1 }
  }
  if (code.startsWith('job.')) {
    const words = 'The worker failed on this request, and it was put aside.'
    return { status: 500, code, heading: 'Server error', message: words, advice: 'Nothing was changed.' }
  }
  const advice = 'Please try again in a few seconds.'
  return { status: 503, code, heading: 'Service unavailable', message, advice, retryAfter: 5 }
}

/** What strangers may read: a worker's own words name files of the server, and stand in its log. */
function publicReason(error: PredictorError): string {
  return error.code.startsWith('request.') ? error.message : `the worker has no model that it can use (${error.code})`
}

interface Problem {
  readonly status: number
  readonly code: string
  readonly heading: string
  readonly message: string
  readonly advice: string
  readonly problems?: readonly FieldProblem[]
}
