import { MlopsError } from '../errors.ts'
import { type Endpoint, type HttpRequest, send, stream } from './http.ts'
import { ArgoError, jsonOf, refusal, unreachable } from './refusal.ts'

/** A line to an Argo CD server, with the token that opens it. */
export interface Session {
  readonly url: string
  /** One question; its answer as data. `what` says in an error what was asked for. */
  ask<T>(what: string, request: HttpRequest): Promise<T>
  /** What comes one by one, until the server ends it or `signal` fires. */
  follow<T>(what: string, request: HttpRequest): AsyncIterable<T>
}

/** Opens nothing yet: each question has a line of its own. */
export function openSession(endpoint: Endpoint, token: string | undefined): Session {
  const { url } = endpoint
  return {
    url,
    async ask<T>(what: string, request: HttpRequest) {
      const answer = await send(endpoint, { token, ...request }).catch(error => {
        throw lost(url, error, request.signal)
      })
      const body = jsonOf(answer.text)
      if (answer.status < 200 || answer.status > 299 || body === undefined) throw refusal(what, answer)
      // Argo CD's own JSON, as its API describes it
      return body as T
    },
    async *follow<T>(what: string, request: HttpRequest) {
      try {
        const answer = await stream(endpoint, { token, ...request })
        if ('refusal' in answer) throw refusal(what, answer.refusal)
        for await (const line of answer.lines) yield resultOf<T>(what, line)
      } catch (error) {
        if (request.signal?.aborted) return
        throw lost(url, error, request.signal)
      }
    },
  }
}

/** One line of a stream: `{"result": …}`, or what went wrong after it had begun. */
function resultOf<T>(what: string, line: string): T {
  const { result, error } = jsonOf(line.replace(/^data: /, '')) ?? {}
  if (result !== undefined) return result as T
  const { http_code: status, message } = Object(error)
  const text = JSON.stringify({ message: message ?? error ?? 'a line that is no JSON' })
  throw refusal(what, { status: typeof status === 'number' ? status : 500, headers: {}, text })
}

function lost(url: string, error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof ArgoError || error instanceof MlopsError || signal?.aborted) return error
  return unreachable(url, error)
}
