import { type Channel, type ChannelModel, connect, type RecoveringChannelModel } from 'amqplib'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { withoutPassword } from '../settings.ts'

export interface AmqpOptions {
  readonly url: string
  readonly queue: string
  readonly log: Log
}

/** A connection that comes back by itself; `open` runs on each new one and makes the channels. */
export interface AmqpConnection {
  readonly reconnects: number
  close(): Promise<void>
}

/** Starts connecting, and returns at once: the broker may come later, and may go and come again. */
export async function amqpConnection(
  { url, log }: AmqpOptions,
  open: (link: ChannelModel) => Promise<void>,
): Promise<AmqpConnection> {
  let connected = 0
  const connection: RecoveringChannelModel = await connect(withHeartbeat(url), {
    noDelay: true,
    timeout: 5000,
    recovery: {
      waitForConnect: false,
      initialDelay: 100,
      maxDelay: 2000,
      async setup(link: ChannelModel) {
        // Without a listener an error during the set-up would end the process.
        link.on('error', error => log.warn({ reason: messageOf(error) }, 'broker connection failed'))
        await open(link)
      },
    },
  })
  const broker = withoutPassword(url)
  // A listener that throws makes amqplib connect again and again: these only log.
  connection.on('connect', () => log.info({ broker, reconnects: connected++ }, 'broker connected'))
  connection.on('disconnect', error => log.warn({ broker, reason: messageOf(error) }, 'broker lost'))
  connection.on('connect-failed', error => log.warn({ broker, reason: messageOf(error) }, 'broker cannot be reached'))
  connection.on('blocked', reason => log.warn({ broker, reason }, 'broker takes no messages for now'))
  connection.on('unblocked', () => log.info({ broker }, 'broker takes messages again'))
  connection.on('error', () => {})
  return {
    get reconnects() {
      return Math.max(0, connected - 1)
    },
    close: () => connection.close(),
  }
}

/** Makes the queue of jobs, the same from both sides, and drops the whole connection when its channel breaks. */
export async function prepare(channel: Channel, link: ChannelModel, { queue, log }: AmqpOptions): Promise<void> {
  channel.on('error', error => log.warn({ reason: messageOf(error) }, 'broker channel failed'))
  // amqplib recovers connections, not channels: a broken channel gives up its connection, and both come back.
  channel.on('close', () => void link.close().catch(() => {}))
  // A full queue refuses further jobs, so that who asks is told at once instead of at the deadline.
  await channel.assertQueue(queue, { durable: true, maxLength: 10_000, arguments: { 'x-overflow': 'reject-publish' } })
}

/** A broken network shows within seconds; amqplib itself would leave that to the broker's minute. */
function withHeartbeat(url: string): string {
  const given = new URL(url)
  if (!given.searchParams.has('heartbeat')) given.searchParams.set('heartbeat', '10')
  return given.href
}
