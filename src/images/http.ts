import { type IncomingHttpHeaders, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import { proxyFor, tunnel } from './proxy.ts'

export interface Request {
  readonly method: 'HEAD' | 'GET' | 'POST'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  /** A form. */
  readonly form?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** How far a server is trusted, and how long it may take. */
export interface Line {
  /** PEM; undefined: whom Node trusts. */
  readonly authorities: readonly string[] | undefined
  readonly insecure: boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** Where the settings of a proxy are. */
  readonly environment: NodeJS.ProcessEnv
}

/** What a registry may tell us at most: manifests are limited to 4 MiB by the Distribution specification. */
const LARGEST = 8 * 2 ** 20
const REDIRECTS = 5

/** There is no answer; the cause is Node's own error, or a `TimeoutError`. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

/** Sends one request, follows redirects, and reads the whole answer. Rejects with `NoAnswer`, or the reason of the signal. */
export async function send(request: Request, line: Line): Promise<Answer> {
  let current = request
  for (let turn = 0; ; turn++) {
    const answer = await sendOnce(current, line)
    const { location } = answer.headers
    const redirected = [301, 302, 303, 307, 308].includes(answer.status) && location !== undefined
    if (!redirected || request.method === 'POST' || turn === REDIRECTS) return answer
    const url = new URL(location, current.url)
    if (current.url.protocol === 'https:' && url.protocol !== 'https:') return answer
    const { authorization: _, ...others } = current.headers ?? {}
    // a login is for the one whom it was given for
    current = { ...current, url, headers: url.origin === current.url.origin ? (current.headers ?? {}) : others }
  }
}

async function sendOnce(request: Request, line: Line): Promise<Answer> {
  const timeout = AbortSignal.timeout(line.timeoutMs)
  const signal = line.signal ? AbortSignal.any([line.signal, timeout]) : timeout
  try {
    return await exchange(request, line, signal)
  } catch (error) {
    line.signal?.throwIfAborted()
    const cause = timeout.aborted ? timeout.reason : error
    throw new NoAnswer(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

async function exchange({ method, url, headers, form }: Request, line: Line, signal: AbortSignal): Promise<Answer> {
  const payload = form && Buffer.from(new URLSearchParams(form).toString())
  const secure = url.protocol === 'https:'
  const ca = line.authorities && [...line.authorities]
  const proxy = secure ? proxyFor(url, line.environment) : undefined
  const socket = proxy && (await tunnel(proxy, url, { ca, rejectUnauthorized: !line.insecure, signal }))
  return await new Promise((resolve, fail) => {
    const request = (secure ? secureRequest : plainRequest)(url, {
      ...{ method, signal },
      // without an agent the line is for this request alone
      ...(socket ? { createConnection: () => socket } : { agent: false }),
      headers: {
        'User-Agent': 'mlops',
        ...(payload && { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': payload.length }),
        ...headers,
      },
      ...(secure && { rejectUnauthorized: !line.insecure }),
      ...(secure && ca && { ca }),
    })
    request.on('error', fail)
    request.on('response', response => {
      const chunks: Buffer[] = []
      let sizeBytes = 0
      response.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length
        if (sizeBytes > LARGEST) request.destroy(new Error('the answer is too large'))
        else chunks.push(chunk)
      })
      response.on('error', fail)
      response.on('aborted', () => fail(new Error('the answer was cut off')))
      response.on('end', () => {
        socket?.destroy()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) })
      })
    })
    request.end(payload)
  })
}
