import { randomUUID } from 'node:crypto'
import type { ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib'
import { messageOf } from '../errors.ts'
import { encode } from '../jobs.ts'
import { type AmqpOptions, amqpConnection, deadOf, makeQueues, suspectsOf, tie } from './amqp.ts'
import { type Consumer, type Work, WorkError } from './broker.ts'

export interface ConsumerOptions extends AmqpOptions {
  /** How many jobs a worker has in its hands at once. */
  readonly prefetch: number
  /** How often a job may fail, or end its worker, before it is put aside. */
  readonly maxAttempts: number
}

/**
 * Takes jobs from RabbitMQ. A job is acknowledged after its reply: a worker that dies gives it back to the queue. A job that came back
 * is a suspect: it is done alone, in a queue that counts, and is put aside when it has failed too often.
 */
export async function amqpConsumer(options: ConsumerOptions, work: Work): Promise<Consumer> {
  const { queue, log } = options
  const inHand = new Set<Promise<void>>()
  let taking: readonly Subscription[] = []

  const connection = await amqpConnection(options, async link => {
    await makeQueues(link, options)
    const suspects = await subscription(link, suspectsOf(queue), 1)
    const fresh = await subscription(link, queue, options.prefetch)
    fresh.channel.on('close', () => {
      if (taking[0] === fresh) taking = []
    })
    // Before the first job comes: whoever stops us must find what there is to stop.
    taking = [fresh, suspects]
    await consume(link, suspects, takeSuspect)
    await consume(link, fresh, takeFresh)
  })

  async function subscription(link: ChannelModel, from: string, prefetch: number): Promise<Subscription> {
    const channel = await link.createConfirmChannel()
    tie(channel, link, log)
    await channel.prefetch(prefetch)
    return { channel, from, tag: randomUUID() }
  }

  async function consume(link: ChannelModel, { channel, from, tag }: Subscription, take: Take): Promise<void> {
    const onMessage = (message: ConsumeMessage | null) => {
      // The broker cancelled us, because the queue was deleted: connecting again makes it anew.
      if (message === null) return void link.close().catch(() => {})
      const job = take(channel, message)
        // The channel closed meanwhile: the broker gives the job to somebody else.
        .catch(error => log.warn({ reason: messageOf(error) }, 'job goes back to the queue'))
        .finally(() => inHand.delete(job))
      inHand.add(job)
    }
    await channel.consume(from, onMessage, { consumerTag: tag })
  }

  async function takeFresh(channel: ConfirmChannel, message: ConsumeMessage): Promise<void> {
    if (message.fields.redelivered) return await suspect(channel, message)
    const failure = await attempt(channel, message)
    if (failure === undefined) return
    if (failure instanceof WorkError) await putAside(channel, message, failure, 1)
    else await suspect(channel, message)
  }

  async function takeSuspect(channel: ConfirmChannel, message: ConsumeMessage): Promise<void> {
    // The first attempt was that in the queue of all jobs.
    const attempts = 1 + Number(message.properties.headers?.['x-delivery-count'] ?? 0)
    if (attempts >= options.maxAttempts) {
      const often = new WorkError('job.failed', `the job failed ${attempts} times, and is put aside`)
      return await putAside(channel, message, often, attempts)
    }
    const failure = await attempt(channel, message)
    if (failure instanceof WorkError) await putAside(channel, message, failure, attempts + 1)
    else if (failure !== undefined) channel.nack(message, false, true)
  }

  /** Answers a job; resolves with what went wrong. */
  async function attempt(channel: ConfirmChannel, message: ConsumeMessage): Promise<unknown> {
    let reply: Buffer
    try {
      reply = await work(message.content)
    } catch (error) {
      log.error(
        { reason: messageOf(error), stack: error instanceof WorkError ? undefined : stackOf(error) },
        'job failed',
      )
      return error ?? new Error('the work failed without a reason')
    }
    answer(channel, message, reply)
    channel.ack(message)
    return undefined
  }

  async function suspect(channel: ConfirmChannel, message: ConsumeMessage): Promise<void> {
    const { replyTo, correlationId, expiration } = message.properties
    await publish(channel, suspectsOf(queue), message.content, { replyTo, correlationId, expiration, persistent: true })
    channel.ack(message)
  }

  async function putAside(
    channel: ConfirmChannel,
    message: ConsumeMessage,
    why: WorkError,
    attempts: number,
  ): Promise<void> {
    const headers = { reason: why.code, message: why.message, attempts, at: new Date().toISOString() }
    await publish(channel, deadOf(queue), message.content, { headers, persistent: true })
    log.error({ code: why.code, attempts, bytes: message.content.length }, 'job put aside')
    answer(channel, message, encode({ ok: false, code: why.code, message: why.message }))
    channel.ack(message)
  }

  return {
    get taking() {
      return taking.length > 0
    },
    async close() {
      const last = taking
      try {
        for (const { channel, tag } of last) await channel.cancel(tag)
      } catch (error) {
        log.debug({ reason: messageOf(error) }, 'consumer was gone already')
      }
      await Promise.all(inHand)
      // Closing the connection flushes the last reply and its acknowledgement.
      await connection.close()
    },
  }
}

interface Subscription {
  readonly channel: ConfirmChannel
  readonly from: string
  readonly tag: string
}

type Take = (channel: ConfirmChannel, message: ConsumeMessage) => Promise<void>

function answer(channel: ConfirmChannel, { properties }: ConsumeMessage, reply: Buffer): void {
  const { replyTo, correlationId } = properties
  if (typeof replyTo === 'string')
    channel.sendToQueue(replyTo, reply, { correlationId, contentType: 'application/json' })
}

/** Resolves when the broker has the message: only then may the old one be given up. */
function publish(channel: ConfirmChannel, queue: string, body: Buffer, properties: object): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.sendToQueue(queue, body, properties, error => (error ? reject(error) : resolve()))
  })
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined
}
