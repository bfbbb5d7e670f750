import type { ConfirmChannel } from 'amqplib'
import { messageOf } from '../errors.ts'
import { type AmqpOptions, amqpConnection, deadOf, makeQueues, tie } from './amqp.ts'
import { RequestError, type Requester } from './broker.ts'
import { Pending, type Request } from './pending.ts'

const replyQueue = 'amq.rabbitmq.reply-to'

/** Asks workers through RabbitMQ. A request that waits while the broker goes away is sent again when it is back. */
export async function amqpRequester(
  options: AmqpOptions,
  limits: { limit: number; timeoutMs: number },
): Promise<Requester> {
  const pending = new Pending(limits)
  let channel: ConfirmChannel | undefined

  function send({ id, body, leftMs }: Request): void {
    const properties = {
      correlationId: id,
      replyTo: replyQueue,
      contentType: 'application/json',
      // Nobody waits for the answer after the deadline: the broker drops such a job.
      expiration: Math.max(1, Math.ceil(leftMs)),
      mandatory: true,
    }
    try {
      channel?.publish('', options.queue, body, properties, error => {
        // amqplib calls back with an error on a lost connection as well; that one is sent again.
        if (error instanceof Error && error.message === 'message nacked') {
          pending.reject(id, new RequestError('request.busy', 'the queue is full'))
        }
      })
    } catch (error) {
      // The channel is just closing: the next one sends what waits.
      options.log.debug({ reason: messageOf(error) }, 'request waits for the broker')
    }
  }

  const connection = await amqpConnection(options, async link => {
    await makeQueues(link, options)
    const opened = await link.createConfirmChannel()
    tie(opened, link, options.log)
    opened.on('close', () => {
      if (channel === opened) channel = undefined
    })
    // The queue was deleted under us: connecting again makes it anew and sends what waits.
    opened.on('return', () => void link.close().catch(() => {}))
    await opened.consume(
      replyQueue,
      message => {
        if (message === null) void link.close().catch(() => {})
        else pending.resolve(String(message.properties.correlationId), message.content)
      },
      { noAck: true },
    )
    channel = opened
    for (const request of pending) send(request)
  })

  async function look(queue: string) {
    try {
      return await within(1000, channel?.checkQueue(queue))
    } catch {
      return undefined
    }
  }

  return {
    get pending() {
      return pending.size
    },
    get strays() {
      return pending.strays
    },
    get reconnects() {
      return connection.reconnects
    },
    request: (body, timeoutMs) => pending.add(body, send, timeoutMs),
    async queue() {
      const state = await look(options.queue)
      return state && { messages: state.messageCount, consumers: state.consumerCount }
    },
    async dead() {
      return (await look(deadOf(options.queue)))?.messageCount
    },
    async close() {
      pending.rejectAll(new RequestError('request.closed', 'the server is shutting down'))
      await connection.close()
    },
  }
}

/** The value, or `undefined` when it does not come in time: a broker that hangs must not hang us. */
async function within<T>(ms: number, value: Promise<T> | undefined): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>(resolve => {
    timer = setTimeout(resolve, ms, undefined)
  })
  try {
    return await Promise.race([value, late])
  } finally {
    clearTimeout(timer)
  }
}
