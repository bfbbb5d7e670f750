import type { Channel, ConsumeMessage } from 'amqplib'
import { messageOf } from '../errors.ts'
import { type AmqpOptions, amqpConnection, prepare } from './amqp.ts'
import type { Consumer, Work } from './broker.ts'

/** Takes jobs from RabbitMQ. A job is acknowledged after its reply: a worker that dies gives it back to the queue. */
export async function amqpConsumer(
  options: AmqpOptions & { readonly prefetch: number },
  work: Work,
): Promise<Consumer> {
  const inHand = new Set<Promise<void>>()
  let taking: { readonly channel: Channel; readonly tag: string } | undefined

  async function answer(channel: Channel, message: ConsumeMessage): Promise<void> {
    const reply = await work(message.content)
    try {
      const { replyTo, correlationId } = message.properties
      if (typeof replyTo === 'string')
        channel.sendToQueue(replyTo, reply, { correlationId, contentType: 'application/json' })
      channel.ack(message)
    } catch (error) {
      // The channel closed meanwhile: the broker gives the job to somebody else.
      options.log.warn({ reason: messageOf(error) }, 'job goes back to the queue')
    }
  }

  const connection = await amqpConnection(options, async link => {
    const channel = await link.createChannel()
    await prepare(channel, link, options)
    channel.on('close', () => {
      if (taking?.channel === channel) taking = undefined
    })
    await channel.prefetch(options.prefetch)
    const { consumerTag } = await channel.consume(options.queue, message => {
      // The broker cancelled us, because the queue was deleted: connecting again makes it anew.
      if (message === null) return void link.close().catch(() => {})
      const job = answer(channel, message).finally(() => inHand.delete(job))
      inHand.add(job)
    })
    taking = { channel, tag: consumerTag }
  })

  return {
    get taking() {
      return taking !== undefined
    },
    async close() {
      const last = taking
      try {
        await last?.channel.cancel(last.tag)
      } catch (error) {
        options.log.debug({ reason: messageOf(error) }, 'consumer was gone already')
      }
      await Promise.all(inHand)
      // Closing the connection flushes the last reply and its acknowledgement.
      await connection.close()
    },
  }
}
