import { connect } from 'amqplib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { type Rabbit, startRabbit } from '../testing/rabbitmq.ts'
import { amqpConsumer } from './amqp-consumer.ts'
import { WorkError } from './broker.ts'
import { type DeadJobs, deadJobs } from './dead-jobs.ts'

let rabbit: Rabbit
beforeAll(async () => {
  rabbit = await startRabbit()
}, 60_000)
afterAll(() => rabbit?.remove(), 60_000)

test('jobs that were put aside are shown, given back, and dropped', async () => {
  const queue = 'test.dead'
  const jobs = await deadJobs({ url: rabbit.url, queue })
  let mended = false
  const options = {
    url: rabbit.url,
    queue,
    queueLimit: 100,
    log: createLog('silent', 'test'),
    prefetch: 1,
    maxAttempts: 3,
  }
  const consumer = await amqpConsumer(options, async body => {
    if (body.toString() === 'poison' || !mended) throw new WorkError('job.unreadable', `this is no job: ${body}`)
    return body
  })
  const link = await connect(rabbit.url)
  try {
    await expect.poll(() => consumer.taking, { timeout: 20_000 }).toBe(true)
    expect(await jobs.counts()).toEqual({ waiting: 0, suspects: 0, dead: 0 })
    expect(await jobs.list(10)).toEqual([])
    const channel = await link.createChannel()
    for (const body of ['poison', 'early']) channel.sendToQueue(queue, Buffer.from(body))
    await dead(jobs, 2)
    const shown = [
      { reason: 'job.unreadable', message: 'this is no job: poison', attempts: 1, bytes: 6, body: 'poison' },
      { reason: 'job.unreadable', message: 'this is no job: early', attempts: 1, bytes: 5, body: 'early' },
    ]
    expect(await jobs.list(10)).toMatchObject(shown)
    // looking takes nothing away, and the order stays
    await dead(jobs, 2)
    expect(await jobs.list(1)).toMatchObject(shown.slice(0, 1))
    mended = true
    expect(await jobs.retry()).toBe(2)
    await dead(jobs, 1)
    expect((await jobs.list(10)).map(({ body }) => body)).toEqual(['poison'])
    expect(await jobs.purge()).toBe(1)
    expect(await jobs.counts()).toEqual({ waiting: 0, suspects: 0, dead: 0 })
  } finally {
    await link.close()
    await consumer.close()
    await jobs.close()
  }
})

test('an application that never ran has no such jobs', async () => {
  const jobs = await deadJobs({ url: rabbit.url, queue: 'test.never' })
  expect([await jobs.counts(), await jobs.list(5), await jobs.retry(), await jobs.purge()]).toEqual([
    { waiting: 0, suspects: 0, dead: 0 },
    [],
    0,
    0,
  ])
  await jobs.close()
})

async function dead(jobs: DeadJobs, wanted: number): Promise<void> {
  const counts = { waiting: 0, suspects: 0, dead: wanted }
  await expect.poll(() => jobs.counts(), { timeout: 20_000 }).toEqual(counts)
}
