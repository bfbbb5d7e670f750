import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PredictorError } from '../errors.ts'
import { problemPage } from './pages/problem.ts'

/** Says whether the client reads JSON rather than a page. */
export function prefersJson(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? ''
  return accept.includes('application/json') && !accept.includes('text/html')
}

/** Turns an error into an answer: a page or JSON, 503 for what another try may heal. */
export function answerProblem(
  error: FastifyError | PredictorError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (error instanceof PredictorError) {
    request.log.warn({ code: error.code, reason: error.message, url: request.url }, 'no answer')
    reply.header('retry-after', '5')
    const message = `No prediction at the moment: ${publicReason(error)}.`
    return problem(request, reply, {
      status: 503,
      code: error.code,
      heading: 'Service unavailable',
      message,
      advice: 'Please try again in a few seconds.',
    })
  }
  const status = error.statusCode ?? 500
  if (status >= 500) request.log.error({ err: error }, 'request failed')
  const message = status >= 500 ? 'Something went wrong in the server.' : `${error.message}.`
  return problem(request, reply, {
    status,
    code: error.code ?? 'internal',
    heading: status >= 500 ? 'Server error' : 'Bad request',
    message,
    advice: 'Nothing was changed.',
  })
}

/** What strangers may read: a worker's own words name files of the server, and stand in its log. */
function publicReason(error: PredictorError): string {
  return error.code.startsWith('request.') ? error.message : `the worker has no model that it can use (${error.code})`
}

/** 404 for an unknown address, 405 with `Allow` for a known one asked in another way. */
export function notFound(app: FastifyInstance) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = request.url.split('?')[0] ?? ''
    const methods = (['GET', 'HEAD', 'POST'] as const).filter(method => app.hasRoute({ url: path, method }))
    if (methods.length === 0) {
      return problem(request, reply, {
        status: 404,
        code: 'not-found',
        heading: 'Not found',
        message: 'There is no such page.',
        advice: 'The pages are named above.',
      })
    }
    reply.header('allow', [...methods, 'OPTIONS'].join(', '))
    if (request.method === 'OPTIONS') return reply.code(204).send()
    const message = `${request.method} is not possible here.`
    return problem(request, reply, {
      status: 405,
      code: 'method-not-allowed',
      heading: 'Method not allowed',
      message,
      advice: `Use ${methods.join(' or ')}.`,
    })
  }
}

interface Problem {
  readonly status: number
  readonly code: string
  readonly heading: string
  readonly message: string
  readonly advice: string
}

function problem(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, code, heading, message, advice }: Problem,
): FastifyReply {
  reply.code(status)
  if (prefersJson(request)) return reply.send({ error: message, code })
  return reply.type('text/html; charset=utf-8').send(problemPage({ path: request.url, heading, message, advice }))
}
