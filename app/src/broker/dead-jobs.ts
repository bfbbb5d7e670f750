import { type ChannelModel, connect, type GetMessage } from 'amqplib'
import { deadOf, suspectsOf } from './amqp.ts'

/** A job that was put aside. */
export interface DeadJob {
  /** ISO 8601; `undefined`: whoever put it there did not say. */
  readonly at: string | undefined
  readonly reason: string | undefined
  readonly message: string | undefined
  readonly attempts: number | undefined
  readonly bytes: number
  /** Its beginning, as text. */
  readonly body: string
}

/** How many jobs each queue holds. */
export interface Counts {
  readonly waiting: number
  readonly suspects: number
  readonly dead: number
}

export interface DeadJobs {
  counts(): Promise<Counts>
  /** The oldest first; they stay where they are. */
  list(most: number): Promise<DeadJob[]>
  /** Gives them back to the workers, one after the other; nobody waits for their answers any more. Resolves with their number. */
  retry(): Promise<number>
  /** Drops them. Resolves with their number. */
  purge(): Promise<number>
  close(): Promise<void>
}

const shownCharacters = 200

/** Looks at the queues of an application as an operator does: over a connection of its own, which does not come back. */
export async function deadJobs({ url, queue }: { url: string; queue: string }): Promise<DeadJobs> {
  const link = await connect(url, { timeout: 5000 })
  const dead = deadOf(queue)
  return {
    async counts() {
      const [waiting, suspects, put] = [queue, suspectsOf(queue), dead].map(name => count(link, name))
      return { waiting: (await waiting) ?? 0, suspects: (await suspects) ?? 0, dead: (await put) ?? 0 }
    },
    async list(most) {
      const channel = await link.createChannel()
      const jobs: DeadJob[] = []
      for (let left = Math.min(most, (await count(link, dead)) ?? 0); left > 0; left--) {
        const message = await channel.get(dead)
        if (message === false) break
        jobs.push(described(message))
      }
      // What was not acknowledged goes back to its place.
      await channel.close()
      return jobs
    },
    async retry() {
      const channel = await link.createConfirmChannel()
      let done = 0
      // Counted first: a job that comes back at once is not taken again.
      for (let left = (await count(link, dead)) ?? 0; left > 0; left--) {
        const message = await channel.get(dead)
        if (message === false) break
        channel.sendToQueue(queue, message.content, { persistent: true })
        await channel.waitForConfirms()
        channel.ack(message)
        done++
      }
      await channel.close()
      return done
    },
    async purge() {
      if ((await count(link, dead)) === undefined) return 0
      const channel = await link.createChannel()
      const { messageCount } = await channel.purgeQueue(dead)
      await channel.close()
      return messageCount
    },
    close: () => link.close(),
  }
}

/** Asking for a queue that is not there ends the channel: each question has its own. */
async function count(link: ChannelModel, queue: string): Promise<number | undefined> {
  const channel = await link.createChannel()
  channel.on('error', () => {})
  try {
    const { messageCount } = await channel.checkQueue(queue)
    await channel.close()
    return messageCount
  } catch {
    return undefined
  }
}

function described({ content, properties }: GetMessage): DeadJob {
  const headers = new Map<string, unknown>(Object.entries(properties.headers ?? {}))
  const text = (name: string) => {
    const value = headers.get(name)
    return typeof value === 'string' ? value : undefined
  }
  const attempts = headers.get('attempts')
  return {
    at: text('at'),
    reason: text('reason'),
    message: text('message'),
    attempts: typeof attempts === 'number' ? attempts : undefined,
    bytes: content.length,
    body: content.subarray(0, shownCharacters).toString('utf8'),
  }
}
