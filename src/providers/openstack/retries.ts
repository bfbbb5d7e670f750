import { setTimeout as wait } from 'node:timers/promises'
import { unreachable } from './cloud-errors.ts'
import { type HttpAnswer, type HttpOptions, type HttpRequest, send } from './http.ts'

/** How patiently a request is sent again. */
export interface Retries {
  /** Tries altogether. */
  readonly tries: number
  /** Before the second try; doubled before each further one. */
  readonly firstPauseMs: number
}

/** Half a second, one, two, four: enough for the restart of a service behind a proxy. */
export const USUAL_RETRIES: Retries = { tries: 5, firstPauseMs: 500 }

/** Who has not answered twice in a whole time limit will not the third time. */
const TIMEOUTS = 2

/** Longest that we wait because a service asks us to. */
const LONGEST_PAUSE_MS = 60_000

/**
 * Sends a request until it is answered with something other than "too many", or, when repeating does no harm, than a
 * fault of the service or a broken line. Throws `openstack.unreachable`, `openstack.certificate`, or the signal's reason.
 */
export async function sendAgain(
  request: HttpRequest,
  options: HttpOptions,
  { tries, firstPauseMs, repeatable, caFile }: Retries & { repeatable: boolean; caFile: string | undefined },
): Promise<HttpAnswer> {
  for (let turn = 1; ; turn++) {
    let pauseMs = firstPauseMs * 2 ** (turn - 1)
    try {
      const answer = await send(request, options)
      if (turn === tries || !isTransient(answer, repeatable)) return answer
      pauseMs = askedPauseMs(answer) ?? pauseMs
    } catch (cause) {
      options.signal?.throwIfAborted()
      const error = unreachable(request.url, cause, caFile)
      const isLast = turn === tries || (isTimeout(cause) && turn === TIMEOUTS)
      if (isLast || error.code === 'openstack.certificate' || !(repeatable || neverArrived(cause))) throw error
    }
    await wait(Math.min(pauseMs, LONGEST_PAUSE_MS), undefined, options.signal ? { signal: options.signal } : {})
  }
}

function isTransient(answer: HttpAnswer, repeatable: boolean): boolean {
  // 413 with Retry-After is how older Nova limits rates
  if (answer.status === 429 || (answer.status === 413 && askedPauseMs(answer) !== undefined)) return true
  return repeatable && [500, 502, 503, 504].includes(answer.status)
}

/** Retry-After (RFC 9110, 10.2.3): seconds, or a date. */
function askedPauseMs({ headers }: HttpAnswer): number | undefined {
  const text = headers['retry-after']
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}

function isTimeout(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'TimeoutError'
}

/** Nobody listened: nothing can have been done. */
function neverArrived(cause: unknown): boolean {
  return (
    cause instanceof Error && 'code' in cause && ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(String(cause.code))
  )
}
