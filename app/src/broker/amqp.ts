import { type Channel, type ChannelModel, connect, type Options, type RecoveringChannelModel } from 'amqplib'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { withoutPassword } from '../settings.ts'

export interface AmqpOptions {
  readonly url: string
  readonly queue: string
  /** How many jobs may wait there. */
  readonly queueLimit: number
  readonly log: Log
}

/** Jobs that came back from a worker that died: done one at a time, so that it shows which of them it was. */
export const suspectsOf = (queue: string): string => `${queue}.suspects`

/** Jobs that nobody can answer: kept to be looked at. */
export const deadOf = (queue: string): string => `${queue}.dead`

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
      maxDelay: 500,
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

/** Drops the whole connection when a channel breaks: amqplib recovers connections, not channels, and so both come back. */
export function tie(channel: Channel, link: ChannelModel, log: Log): void {
  channel.on('error', error => log.warn({ reason: messageOf(error) }, 'broker channel failed'))
  channel.on('close', () => void link.close().catch(() => {}))
}

/** Makes the queues, the same from both sides. */
export async function makeQueues(link: ChannelModel, { queue, queueLimit, log }: AmqpOptions): Promise<void> {
  // A full queue refuses further jobs, so that who asks is told at once instead of at the deadline.
  await makeQueue(link, queue, { maxLength: queueLimit, arguments: { 'x-overflow': 'reject-publish' } }, log)
  // Only a quorum queue counts how often a job was given out.
  await makeQueue(link, suspectsOf(queue), { arguments: { 'x-queue-type': 'quorum' } }, log)
  await makeQueue(link, deadOf(queue), { maxLength: 10_000 }, log)
}

async function makeQueue(link: ChannelModel, name: string, options: Options.AssertQueue, log: Log): Promise<void> {
  const channel = await link.createChannel()
  channel.on('error', () => {})
  try {
    await channel.assertQueue(name, { durable: true, ...options })
    await channel.close()
  } catch (error) {
    // A queue that is there with another limit keeps it, and its jobs.
    if (!messageOf(error).includes('PRECONDITION_FAILED')) throw error
    log.warn({ queue: name, reason: messageOf(error) }, 'the queue has other settings already, and keeps them')
  }
}

/** A broken network shows within seconds; amqplib itself would leave that to the broker's minute. */
function withHeartbeat(url: string): string {
  const given = new URL(url)
  if (!given.searchParams.has('heartbeat')) given.searchParams.set('heartbeat', '10')
  return given.href
}
