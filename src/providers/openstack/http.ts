import { type IncomingHttpHeaders, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; undefined: no body. */
  readonly body?: unknown
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** How far a server is trusted, and how long it may take. */
export interface HttpOptions {
  /** Authorities that are trusted beside nobody else (PEM); undefined: those of Node. */
  readonly authorities?: string | undefined
  readonly insecure?: boolean
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Sends one request and reads the whole answer. Rejects with Node's own error when there is none; `TimeoutError` after
 * `timeoutMs`. Not `fetch`: Node 20's takes no authorities of its own.
 */
export function send({ method, url, headers, body }: HttpRequest, options: HttpOptions): Promise<HttpAnswer> {
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
  const timeout = AbortSignal.timeout(options.timeoutMs)
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(signal.aborted ? signal.reason : error)
    if (signal.aborted) return fail(new Error('aborted'))
    const secure = url.startsWith('https:')
    const request = (secure ? secureRequest : plainRequest)(url, {
      method,
      signal,
      // on a line that is kept open nobody knows whether it arrived: the other end may just have closed it
      ...(method === 'POST' && { agent: false }),
      headers: {
        'User-Agent': 'mlops',
        Accept: 'application/json',
        ...(payload && { 'Content-Type': 'application/json', 'Content-Length': payload.length }),
        ...headers,
      },
      ...(secure && { rejectUnauthorized: options.insecure !== true }),
      ...(secure && options.authorities !== undefined && { ca: options.authorities }),
    })
    request.on('error', fail)
    request.on('response', response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', chunk => {
        text += chunk
      })
      response.on('error', fail)
      response.on('aborted', () => fail(new Error('the answer was cut off')))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    request.end(payload)
  })
}
