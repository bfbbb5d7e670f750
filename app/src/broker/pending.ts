import { randomUUID } from 'node:crypto'
import { RequestError } from './broker.ts'

/** The requests that wait for an answer, each with its deadline. */
export class Pending {
  readonly #limit: number
  readonly #timeoutMs: number
  readonly #entries = new Map<string, Entry>()
  #strays = 0

  constructor({ limit, timeoutMs }: { limit: number; timeoutMs: number }) {
    this.#limit = limit
    this.#timeoutMs = timeoutMs
  }

  get size(): number {
    return this.#entries.size
  }

  /** Answers that nobody waited for: late ones, and second ones. */
  get strays(): number {
    return this.#strays
  }

  has(id: string): boolean {
    return this.#entries.has(id)
  }

  /** Every request that still waits, the oldest first. */
  *[Symbol.iterator](): Iterable<Request> & Iterator<Request> {
    for (const [id, { body, untilMs }] of this.#entries) yield { id, body, leftMs: untilMs - performance.now() }
  }

  /** Adds a request and gives it to `send`; the answer comes by `resolve`, or an error at the deadline. */
  add(body: Buffer, send: (request: Request) => void, timeoutMs = this.#timeoutMs): Promise<Buffer> {
    if (this.#entries.size >= this.#limit) {
      return Promise.reject(new RequestError('request.busy', `${this.#limit} requests are waiting already`))
    }
    const id = randomUUID()
    return new Promise((resolve, reject) => {
      const late = () =>
        this.reject(id, new RequestError('request.timeout', `no worker answered within ${timeoutMs / 1000} s`))
      const timer = setTimeout(late, timeoutMs)
      this.#entries.set(id, { body, resolve, reject, timer, untilMs: performance.now() + timeoutMs })
      send({ id, body, leftMs: timeoutMs })
    })
  }

  /** An answer that comes too late, or twice, has nobody waiting for it and is dropped. */
  resolve(id: string, reply: Buffer): void {
    const entry = this.#take(id)
    if (entry === undefined) this.#strays++
    else entry.resolve(reply)
  }

  reject(id: string, error: RequestError): void {
    this.#take(id)?.reject(error)
  }

  rejectAll(error: RequestError): void {
    for (const id of [...this.#entries.keys()]) this.reject(id, error)
  }

  #take(id: string): Entry | undefined {
    const entry = this.#entries.get(id)
    clearTimeout(entry?.timer)
    this.#entries.delete(id)
    return entry
  }
}

export interface Request {
  readonly id: string
  readonly body: Buffer
  readonly leftMs: number
}

interface Entry {
  readonly body: Buffer
  readonly resolve: (reply: Buffer) => void
  readonly reject: (error: RequestError) => void
  readonly timer: NodeJS.Timeout
  readonly untilMs: number
}
