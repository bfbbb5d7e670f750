import { connect } from 'amqplib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { superviseFragile } from '../testing/fragile.ts'
import { type Rabbit, startRabbit } from '../testing/rabbitmq.ts'
import { deadOf } from './amqp.ts'
import { amqpConsumer } from './amqp-consumer.ts'
import { amqpRequester } from './amqp-requester.ts'
import { type Consumer, type Requester, type Work, WorkError } from './broker.ts'

const log = createLog('silent', 'test')
let rabbit: Rabbit
beforeAll(async () => {
  rabbit = await startRabbit()
}, 60_000)
afterAll(() => rabbit?.remove(), 60_000)

const open: (Requester | Consumer)[] = []
afterEach(async () => {
  for (const side of open.splice(0)) await side.close()
})

const queueLimit = 1000
const patient = { timeout: 20_000, interval: 20 }

let count = 0
const newQueue = () => `test.${++count}`

async function ask(queue: string, limits: { limit?: number; timeoutMs?: number } = {}): Promise<Requester> {
  const requester = await amqpRequester(
    { url: rabbit.url, queue, queueLimit, log },
    { limit: 1000, timeoutMs: 20_000, ...limits },
  )
  open.push(requester)
  return requester
}

async function work(queue: string, job: Work, prefetch = 1): Promise<Consumer> {
  const consumer = await amqpConsumer({ url: rabbit.url, queue, queueLimit, log, prefetch, maxAttempts: 3 }, job)
  open.push(consumer)
  return consumer
}

const shout: Work = async body => Buffer.from(body.toString().toUpperCase())
const text = async (reply: Promise<Buffer>) => (await reply).toString()
const code = (reply: Promise<Buffer>) =>
  reply.then(
    () => 'answered',
    (error: { code: string }) => error.code,
  )

/** A promise with its handle. */
function later<T = void>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>(done => {
    resolve = done
  })
  return { promise, resolve }
}

describe('requests through RabbitMQ', () => {
  test('are answered, each with its own reply', async () => {
    const queue = newQueue()
    const requester = await ask(queue)
    await work(queue, shout)
    await work(queue, shout)
    const words = Array.from({ length: 300 }, (_, i) => `word ${i}`)
    expect(await Promise.all(words.map(word => text(requester.request(Buffer.from(word)))))).toEqual(
      words.map(word => word.toUpperCase()),
    )
    expect(requester.pending).toBe(0)
  })

  test('may come before the worker does', async () => {
    const queue = newQueue()
    const requester = await ask(queue)
    const reply = text(requester.request(Buffer.from('early')))
    await work(queue, shout)
    expect(await reply).toBe('EARLY')
  })

  test('end at the deadline, and leave no job behind for a worker that comes later', async () => {
    const queue = newQueue()
    const requester = await ask(queue, { timeoutMs: 300 })
    expect(await code(requester.request(Buffer.from('lost')))).toBe('request.timeout')
    const seen: string[] = []
    await work(queue, async body => {
      seen.push(body.toString())
      return body
    })
    await text(requester.request(Buffer.from('next'), 20_000))
    expect(seen).toEqual(['next'])
  })

  test('are spread: a worker holds one job, and the next goes to another', async () => {
    const queue = newQueue()
    const requester = await ask(queue)
    const [slow, started] = [later<Buffer>(), later()]
    await work(queue, () => {
      started.resolve()
      return slow.promise
    })
    const first = text(requester.request(Buffer.from('first')))
    await started.promise
    await work(queue, shout)
    expect(await text(requester.request(Buffer.from('second')))).toBe('SECOND')
    slow.resolve(Buffer.from('at last'))
    expect(await first).toBe('at last')
  })

  test('are refused at once when the queue is full', async () => {
    const queue = newQueue()
    const link = await connect(rabbit.url)
    const channel = await link.createChannel()
    const requester = await ask(queue)
    // The queue is made by the requester; filling it by hand is quicker than a thousand requests.
    await expect.poll(() => requester.queue(), patient).toEqual({ messages: 0, consumers: 0 })
    for (let i = 0; i < queueLimit; i++) channel.sendToQueue(queue, Buffer.from('x'))
    await expect.poll(async () => (await requester.queue())?.messages, patient).toBe(queueLimit)
    expect(await code(requester.request(Buffer.from('one too many')))).toBe('request.busy')
    await channel.deleteQueue(queue)
    await link.close()
  })

  test('survive that somebody deletes the queue', async () => {
    const queue = newQueue()
    const requester = await ask(queue)
    await work(queue, shout)
    expect(await text(requester.request(Buffer.from('before')))).toBe('BEFORE')
    const link = await connect(rabbit.url)
    await (await link.createChannel()).deleteQueue(queue)
    await link.close()
    expect(await text(requester.request(Buffer.from('after')))).toBe('AFTER')
  })
})

describe('a worker', () => {
  test('that stops finishes its job first, and gets no other', async () => {
    const queue = newQueue()
    const requester = await ask(queue)
    const [slow, started] = [later<Buffer>(), later()]
    const seen: string[] = []
    const first = await work(queue, body => {
      seen.push(body.toString())
      started.resolve()
      return slow.promise
    })
    const begun = text(requester.request(Buffer.from('begun')))
    await started.promise
    const waiting = text(requester.request(Buffer.from('waiting')))
    const closed = first.close()
    slow.resolve(Buffer.from('done'))
    expect(await begun).toBe('done')
    await closed
    await work(queue, shout)
    expect(await waiting).toBe('WAITING')
    expect(seen).toEqual(['begun'])
  })

  test('is counted as long as it takes jobs', async () => {
    const queue = newQueue()
    const requester = await ask(queue)
    const consumer = await work(queue, shout)
    await expect.poll(() => requester.queue(), patient).toEqual({ messages: 0, consumers: 1 })
    expect(consumer.taking).toBe(true)
    await consumer.close()
    expect(consumer.taking).toBe(false)
    expect(await requester.queue()).toEqual({ messages: 0, consumers: 0 })
  })
})

describe('a job that cannot be answered', () => {
  const refusal = (code: string, message: string) => JSON.stringify({ ok: false, code, message })
  const often = refusal('job.failed', 'the job failed 3 times, and is put aside')

  test('because it is none is put aside at once, and its sender is told', async () => {
    const queue = newQueue()
    const requester = await ask(queue)
    let count = 0
    await work(queue, async () => {
      count++
      throw new WorkError('job.unreadable', 'what is this?')
    })
    expect(await text(requester.request(Buffer.from('{')))).toBe(refusal('job.unreadable', 'what is this?'))
    expect([count, await requester.dead(), await requester.queue()]).toEqual([1, 1, { messages: 0, consumers: 1 }])
    const link = await connect(rabbit.url)
    const kept = await (await link.createChannel()).get(deadOf(queue))
    await link.close()
    if (kept === false) throw new Error('the queue of dead jobs is empty')
    expect(kept.content.toString()).toBe('{')
    expect(kept.properties.headers).toMatchObject({ reason: 'job.unreadable', message: 'what is this?', attempts: 1 })
  })

  test('is tried as often as is said, and put aside then', async () => {
    const queue = newQueue()
    const requester = await ask(queue)
    const tried: string[] = []
    await work(queue, async body => {
      tried.push(body.toString())
      if (body.toString() === 'bad') throw new Error('as expected')
      return body
    })
    expect(await text(requester.request(Buffer.from('bad')))).toBe(often)
    expect(await text(requester.request(Buffer.from('good')))).toBe('good')
    expect([tried, await requester.dead()]).toEqual([['bad', 'bad', 'bad', 'good'], 1])
  })

  test('and can be the next time, is answered', async () => {
    const queue = newQueue()
    const requester = await ask(queue)
    let count = 0
    await work(queue, async body => {
      if (++count === 1) throw new Error('as expected')
      return body
    })
    expect(await text(requester.request(Buffer.from('moody')))).toBe('moody')
    expect(await requester.dead()).toBe(0)
  })

  test('because it ends its worker is put aside, and those in the same hands are answered', async () => {
    const queue = newQueue()
    const requester = await ask(queue, { timeoutMs: 60_000 })
    const fragile = await superviseFragile(rabbit.url, queue)
    try {
      const words = ['one', 'two', 'boom', 'three', 'four']
      const replies = await Promise.all(words.map(word => text(requester.request(Buffer.from(word)))))
      expect(replies).toEqual(['ONE', 'TWO', often, 'THREE', 'FOUR'])
      expect([fragile.deaths, await requester.dead(), requester.strays]).toEqual([3, 1, 0])
    } finally {
      await fragile.stop()
    }
  }, 120_000)
})

test('a queue that is there already with another limit is used as it is', async () => {
  const queue = newQueue()
  await ask(queue)
  const requester = await amqpRequester(
    { url: rabbit.url, queue, queueLimit: 5, log },
    { limit: 10, timeoutMs: 20_000 },
  )
  open.push(requester)
  await work(queue, shout)
  expect(await text(requester.request(Buffer.from('served')))).toBe('SERVED')
})

describe('a broker that goes away', () => {
  test('and comes back in time costs no answer', async () => {
    const queue = newQueue()
    const requester = await ask(queue, { timeoutMs: 60_000 })
    await work(queue, shout)
    expect(await text(requester.request(Buffer.from('before')))).toBe('BEFORE')
    await rabbit.stop()
    const waiting = ['one', 'two', 'three'].map(word => text(requester.request(Buffer.from(word))))
    expect(await requester.queue()).toBeUndefined()
    await rabbit.start()
    expect(await Promise.all(waiting)).toEqual(['ONE', 'TWO', 'THREE'])
    expect(requester.reconnects).toBe(1)
  })

  test('and stays away ends each request at its deadline', async () => {
    const requester = await ask(newQueue(), { timeoutMs: 200 })
    await rabbit.stop()
    expect(await code(requester.request(Buffer.from('lost')))).toBe('request.timeout')
    await rabbit.start()
  })
})
