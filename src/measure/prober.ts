import { Agent, request as httpRequest } from 'node:http'
import { request as httpsRequest, Agent as SecureAgent } from 'node:https'

/** What is asked again and again. */
export interface Probe {
  readonly url: URL
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly ratePerSecond: number
  readonly timeoutMs: number
  /** Which release an answer comes from; undefined: it does not say. */
  readonly version: (answer: Answer) => string | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

/** Why a request failed, in words that people search for. */
export type Failure = 'timeout' | 'refused' | 'reset' | 'unreachable' | `HTTP ${number}`

/** One request. Times in milliseconds since the start of the measurement. */
export interface Sample {
  /** When it was due: a request that had to wait for its turn counts from here, so that a stall is not left out. */
  readonly due: number
  /** Until the answer was whole. */
  readonly ms: number
  readonly failure: Failure | undefined
  readonly version: string | undefined
}

/**
 * Sends requests at a constant rate, whether or not answers come (an open loop), until `signal` or `most`.
 * Resolves when the last of them has been answered.
 */
export async function probeAtRate(
  probe: Probe,
  {
    signal,
    most = Number.POSITIVE_INFINITY,
    seen,
  }: { signal: AbortSignal; most?: number; seen?: (sample: Sample) => void },
): Promise<Sample[]> {
  const secure = probe.url.protocol === 'https:'
  // Enough sockets that a stall of a second does not keep later requests from being sent.
  const sockets = { keepAlive: true, maxSockets: Math.ceil(probe.ratePerSecond * 2) + 16 }
  const agent = secure ? new SecureAgent(sockets) : new Agent(sockets)
  const samples: Sample[] = []
  const pending: Promise<void>[] = []
  const start = performance.now()
  const everyMs = 1000 / probe.ratePerSecond
  const send = async (due: number) => {
    const { failure, version } = await ask(probe, agent, secure)
    const sample = { due, ms: performance.now() - start - due, failure, version }
    samples.push(sample)
    seen?.(sample)
  }
  let sent = 0
  await new Promise<void>(resolve => {
    const tick = setInterval(
      () => {
        const now = performance.now() - start
        for (; sent * everyMs <= now && sent < most && !signal.aborted; sent++) pending.push(send(sent * everyMs))
        if (!signal.aborted && sent < most) return
        clearInterval(tick)
        resolve()
      },
      Math.max(1, Math.min(everyMs, 5)),
    )
  })
  await Promise.all(pending)
  agent.destroy()
  return samples.sort((a, b) => a.due - b.due)
}

function ask(
  { url, method, headers, body, timeoutMs, version }: Probe,
  agent: Agent,
  secure: boolean,
): Promise<{ failure: Failure | undefined; version: string | undefined }> {
  return new Promise(resolve => {
    const fail = (failure: Failure) => resolve({ failure, version: undefined })
    const sending = (secure ? httpsRequest : httpRequest)(url, { method, headers, agent }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', error => fail(failureOf(error)))
      response.on('end', () => {
        clearTimeout(deadline)
        const answer = {
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }
        const failure: Failure | undefined =
          answer.status >= 200 && answer.status < 300 ? undefined : `HTTP ${answer.status}`
        resolve({ failure, version: failure === undefined ? version(answer) : undefined })
      })
    })
    const deadline = setTimeout(() => {
      fail('timeout')
      sending.destroy()
    }, timeoutMs)
    sending.on('error', error => {
      clearTimeout(deadline)
      fail(failureOf(error))
    })
    sending.end(body)
  })
}

function failureOf(error: Error): Failure {
  const code = 'code' in error ? error.code : undefined
  if (code === 'ECONNREFUSED') return 'refused'
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'reset'
  return code === 'ETIMEDOUT' ? 'timeout' : 'unreachable'
}
