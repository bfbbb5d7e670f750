import { type IncomingHttpHeaders, type IncomingMessage, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'

/** Where a server is, and how far it is trusted. */
export interface Endpoint {
  /** Without a slash at the end: `https://argocd.example.org/root`. */
  readonly url: string
  /** Any certificate will do. */
  readonly insecure: boolean
  /** Authorities that are trusted beside nobody else (PEM); undefined: those of Node. */
  readonly authorities?: string | undefined
  /** Certificate and key that we show (PEM). */
  readonly client?: { readonly certificate: string; readonly key: string } | undefined
  readonly headers: Readonly<Record<string, string>>
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, QueryValue>>
  /** Sent as JSON; undefined: no body. */
  readonly body?: unknown
  readonly token?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Undefined: not said. */
export type QueryValue = string | number | boolean | readonly string[] | undefined

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Making the manifests of a large repository anew takes its time. */
const TIMEOUT_MS = 120_000

/** Sends one request and reads the whole answer. Rejects with Node's own error when there is none. */
export async function send(endpoint: Endpoint, request: HttpRequest): Promise<Answer> {
  const response = await open(endpoint, request, TIMEOUT_MS)
  return { status: response.statusCode ?? 0, headers: response.headers, text: await textOf(response) }
}

/** Sends a request whose answer comes bit by bit: its lines as they come. What is no success is given whole. */
export async function stream(
  endpoint: Endpoint,
  request: HttpRequest,
): Promise<{ readonly lines: AsyncIterable<string> } | { readonly refusal: Answer }> {
  const response = await open(endpoint, request, 0)
  if (response.statusCode === 200 && /json|event-stream/.test(response.headers['content-type'] ?? ''))
    return { lines: linesOf(response) }
  const { statusCode: status = 0, headers } = response
  return { refusal: { status, headers, text: await textOf(response) } }
}

function open(endpoint: Endpoint, request: HttpRequest, timeoutMs: number): Promise<IncomingMessage> {
  const { method, body, token, signal } = request
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
  const url = new URL(`${endpoint.url}${request.path}${queryOf(request.query ?? {})}`)
  const secure = url.protocol === 'https:'
  return new Promise((resolve, reject) => {
    const sent = (secure ? secureRequest : plainRequest)(url, {
      method,
      ...(signal && { signal }),
      // on a line that is kept open nobody knows whether a request arrived
      agent: false,
      headers: {
        'User-Agent': 'mlops',
        Accept: 'application/json',
        // Argo CD wants the type of whatever is no GET, even where there is no body
        ...(method !== 'GET' && { 'Content-Type': 'application/json', 'Content-Length': payload?.length ?? 0 }),
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...endpoint.headers,
      },
      ...(secure && { rejectUnauthorized: !endpoint.insecure }),
      ...(secure && endpoint.authorities !== undefined && { ca: endpoint.authorities }),
      ...(secure && endpoint.client && { cert: endpoint.client.certificate, key: endpoint.client.key }),
    })
    // an end that went away without a word is noticed
    sent.setSocketKeepAlive(true, 30_000)
    if (timeoutMs > 0) sent.setTimeout(timeoutMs, () => sent.destroy(new Error('no answer in time')))
    sent.on('error', reject)
    sent.on('response', resolve)
    sent.end(payload)
  })
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of response.setEncoding('utf8')) text += part
  return text
}

async function* linesOf(response: IncomingMessage): AsyncIterable<string> {
  let rest = ''
  for await (const part of response.setEncoding('utf8')) {
    const lines = `${rest}${part}`.split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter(line => line.trim() !== '')
  }
  if (rest.trim() !== '') yield rest
}

function queryOf(query: Readonly<Record<string, QueryValue>>): string {
  const said = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    for (const each of Array.isArray(value) ? value : [value]) said.append(name, String(each))
  }
  return said.size === 0 ? '' : `?${said}`
}
