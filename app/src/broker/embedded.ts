import { messageOf, PredictorError } from '../errors.ts'
import { encode } from '../jobs.ts'
import type { Log } from '../log.ts'
import { type Consumer, RequestError, type Requester, type Work } from './broker.ts'
import { Pending, type Request } from './pending.ts'

/** A queue inside this process, for a machine without RabbitMQ: the same deadlines, the same order, nothing to install. */
export interface EmbeddedBroker extends Requester {
  consume(work: Work, prefetch: number): Consumer
}

export function embeddedBroker(limits: { limit: number; timeoutMs: number }, log: Log): EmbeddedBroker {
  const pending = new Pending(limits)
  const waiting: Request[] = []
  const takers: Taker[] = []
  let dead = 0

  function dispatch(): void {
    for (const taker of takers) {
      while (taker.free > 0) {
        const request = waiting.shift()
        if (request === undefined) return
        void taker.take(request)
      }
    }
  }

  return {
    get pending() {
      return pending.size
    },
    get strays() {
      return pending.strays
    },
    reconnects: 0,
    request(body, timeoutMs) {
      const send = (request: Request) => {
        waiting.push(request)
        dispatch()
      }
      return pending.add(body, send, timeoutMs).finally(() => {
        // What nobody waits for any longer is not worked on.
        const index = waiting.findIndex(request => !pending.has(request.id))
        if (index !== -1) waiting.splice(index, 1)
      })
    },
    async queue() {
      return { messages: waiting.length, consumers: takers.length }
    },
    async dead() {
      return dead
    },
    async close() {
      waiting.length = 0
      pending.rejectAll(new RequestError('request.closed', 'the server is shutting down'))
    },
    consume(work, prefetch) {
      const orRefusal: Work = async body => {
        try {
          return await work(body)
        } catch (error) {
          // Whoever ends this process ends the queue with it: there is nobody to try again with.
          dead++
          const code = error instanceof PredictorError ? error.code : 'job.failed'
          log.error({ code, reason: messageOf(error) }, 'job put aside')
          return encode({ ok: false, code, message: messageOf(error) })
        }
      }
      const taker = new Taker(orRefusal, prefetch, (id, reply) => {
        pending.resolve(id, reply)
        dispatch()
      })
      takers.push(taker)
      dispatch()
      return {
        get taking() {
          return takers.includes(taker)
        },
        async close() {
          takers.splice(takers.indexOf(taker), takers.includes(taker) ? 1 : 0)
          await taker.finished()
        },
      }
    },
  }
}

/** One consumer with the jobs in its hands. */
class Taker {
  readonly #work: Work
  readonly #prefetch: number
  readonly #answer: (id: string, reply: Buffer) => void
  readonly #inHand = new Set<Promise<void>>()

  constructor(work: Work, prefetch: number, answer: (id: string, reply: Buffer) => void) {
    this.#work = work
    this.#prefetch = prefetch
    this.#answer = answer
  }

  get free(): number {
    return this.#prefetch - this.#inHand.size
  }

  async take({ id, body }: Request): Promise<void> {
    const job = this.#work(body).then(reply => {
      this.#inHand.delete(job)
      this.#answer(id, reply)
    })
    this.#inHand.add(job)
    await job
  }

  async finished(): Promise<void> {
    await Promise.all(this.#inHand)
  }
}
