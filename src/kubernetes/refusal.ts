import { ConnectionError } from '../connection/connection.ts'
import type { ApiException } from './client.ts'

/** A request that the cluster refused. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  /** Kubernetes' word for why, such as `Conflict`. */
  readonly reason: string
  /** Who else sets which fields, of a conflict between managers. */
  readonly conflicts: readonly string[]

  constructor(status: number, reason: string, message: string, conflicts: readonly string[] = []) {
    super(message)
    this.status = status
    this.reason = reason
    this.conflicts = conflicts
  }
}

/** What somebody can do about it, where that is known. */
export function wayOut({ status, message }: Refusal): string | undefined {
  if (status === 403) return 'the account of the kubeconfig may not do this here'
  if (status === 404 && message.includes('namespaces')) return 'mlops k8s apply --create-namespace makes it'
  return undefined
}

/** Asks; waits where the cluster asks to, and a little where the line broke; five times at most. */
export async function patiently<T>(request: () => Promise<T>, server: string): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request()
    } catch (error) {
      const wait = attempt < 5 ? pauseMs(error, attempt) : undefined
      if (wait === undefined) throw judged(error, server)
      await new Promise(done => setTimeout(done, wait))
    }
  }
}

/** What a request ended with: a `Refusal`, a `ConnectionError` (`unreachable`), or the error itself. */
export function judged(error: unknown, server: string): Error {
  if (isApiException(error)) {
    const { reason, message } = statusOf(error.body)
    return new Refusal(error.code, reason, message, conflictsOf(error.body))
  }
  const message = messageOf(error)
  if (!/fetch|connect|ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|certificate|socket|self.signed|TLS|SSL/i.test(message))
    return error instanceof Error ? error : new Error(message)
  return new ConnectionError('unreachable', `the cluster at ${server} cannot be reached: ${withoutPreface(message)}`, {
    cause: error,
    hint: 'kubectl cluster-info asks the same cluster',
  })
}

/** The client says first what it wanted to ask: nobody asked it that. */
function withoutPreface(message: string): string {
  return message.replace(/^Failed to fetch resource metadata for \S+: /, '')
}

/** Whether this is an answer of the API server. */
export function isApiException(error: unknown): error is ApiException<unknown> {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'body' in error
}

/** The words of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function pauseMs(error: unknown, attempt: number): number | undefined {
  if (!isApiException(error))
    return /ECONNRESET|EPIPE|socket hang up/.test(messageOf(error)) ? 200 * attempt : undefined
  const after = Number(error.headers['retry-after'])
  if (error.code === 429 || error.code === 503)
    return Math.min(Number.isFinite(after) ? after * 1000 : 500 * attempt, 10_000)
  if (error.code === 409 && statusOf(error.body).reason === 'Conflict' && conflictsOf(error.body).length === 0)
    return 100 * attempt
  return undefined
}

interface Status {
  readonly reason: string
  readonly message: string
}

function statusOf(body: unknown): Status {
  const status = objectOf(body)
  const text = typeof body === 'string' ? body : ''
  return { reason: String(status['reason'] ?? ''), message: String(status['message'] ?? (text || 'no reason given')) }
}

function conflictsOf(body: unknown): string[] {
  const causes = objectOf(objectOf(body)['details'])['causes']
  return Array.isArray(causes)
    ? causes
        .filter(cause => cause?.reason === 'FieldManagerConflict')
        .map(cause => `${String(cause.field)} (${String(cause.message)})`)
    : []
}

/** Bodies of errors are JSON, as text or read already. */
function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'string') {
    try {
      return objectOf(JSON.parse(value))
    } catch {
      return {}
    }
  }
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
