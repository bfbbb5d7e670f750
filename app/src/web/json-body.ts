import type { FastifyRequest } from 'fastify'
import { messageOf } from '../errors.ts'
import type { FieldProblem } from './features.ts'

/** A request that cannot be answered as it is: 400, 404, 413 or 415, with every problem. */
export class BadRequest extends Error {
  readonly statusCode: number
  readonly code: string
  readonly problems: readonly FieldProblem[]

  constructor(statusCode: number, code: string, message: string, problems: readonly FieldProblem[] = []) {
    super(message)
    this.statusCode = statusCode
    this.code = code
    this.problems = problems
  }
}

/** The JSON object in a request's body. One that names no content type is taken for JSON. Throws `BadRequest`. */
export function jsonObject(request: FastifyRequest): ReadonlyMap<string, unknown> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type !== '' && type !== 'application/json' && !/^application\/[\w.-]+\+json$/.test(type))
    throw new BadRequest(415, 'body.type', `the body must be application/json, not ${type}`)
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity'
  if (encoding !== 'identity') throw new BadRequest(415, 'body.encoding', 'the body must not be compressed')
  if (!Buffer.isBuffer(request.body) || request.body.length === 0)
    throw new BadRequest(400, 'body.empty', 'the body is empty')
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(request.body))
  } catch (error) {
    throw new BadRequest(400, 'body.json', `the body is no JSON: ${messageOf(error)}`)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new BadRequest(400, 'body.shape', 'the body must be a JSON object')
  return new Map(Object.entries(json))
}

/** Throws one `BadRequest` that names the problems, the first ten in full. */
export function refuseProblems(problems: readonly FieldProblem[]): void {
  const [first] = problems
  if (first === undefined) return
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  throw new BadRequest(400, 'body.invalid', `${first.field} ${first.message}${more}`, problems.slice(0, 10))
}
