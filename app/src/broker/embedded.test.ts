import { expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { embeddedBroker } from './embedded.ts'

const log = createLog('silent', 'test')
const limits = { limit: 100, timeoutMs: 20_000 }
const text = async (reply: Promise<Buffer>) => (await reply).toString()
const code = (reply: Promise<Buffer>) =>
  reply.then(
    () => 'answered',
    (error: { code: string }) => error.code,
  )
const echo = async (body: Buffer) => body

test('jobs are answered in the order in which they came, as many at once as a consumer takes', async () => {
  const broker = embeddedBroker(limits, log)
  const begun: string[] = []
  let most = 0
  let now = 0
  broker.consume(async body => {
    begun.push(body.toString())
    most = Math.max(most, ++now)
    await new Promise(resolve => setImmediate(resolve))
    now--
    return body
  }, 2)
  const words = Array.from({ length: 20 }, (_, i) => `word ${i}`)
  expect(await Promise.all(words.map(word => text(broker.request(Buffer.from(word)))))).toEqual(words)
  expect(begun).toEqual(words)
  expect(most).toBe(2)
})

test('what nobody waits for any longer leaves the queue', async () => {
  const broker = embeddedBroker(limits, log)
  expect(await code(broker.request(Buffer.from('late'), 10))).toBe('request.timeout')
  expect(await broker.queue()).toEqual({ messages: 0, consumers: 0 })
  expect(broker.pending).toBe(0)
})

test('a consumer that leaves finishes its job; the rest waits for another', async () => {
  const broker = embeddedBroker(limits, log)
  let finish: (reply: Buffer) => void = () => {}
  const slow = new Promise<Buffer>(resolve => {
    finish = resolve
  })
  const first = broker.consume(() => slow, 1)
  const [begun, waiting] = [text(broker.request(Buffer.from('a'))), text(broker.request(Buffer.from('b')))]
  const closed = first.close()
  finish(Buffer.from('done'))
  expect(await begun).toBe('done')
  await closed
  expect([first.taking, await broker.queue()]).toEqual([false, { messages: 1, consumers: 0 }])
  broker.consume(echo, 1)
  expect(await waiting).toBe('b')
})

test('a broker that closes fails what waits', async () => {
  const broker = embeddedBroker(limits, log)
  const waiting = code(broker.request(Buffer.from('a')))
  await broker.close()
  expect(await waiting).toBe('request.closed')
})

test('a job that fails is answered so, and counted; those beside it are not touched', async () => {
  const broker = embeddedBroker(limits, log)
  broker.consume(async body => {
    if (body.toString() === 'bad') throw new Error('as expected')
    return body
  }, 2)
  const [bad, good] = [text(broker.request(Buffer.from('bad'))), text(broker.request(Buffer.from('good')))]
  expect([await bad, await good]).toEqual(['{"ok":false,"code":"job.failed","message":"as expected"}', 'good'])
  expect(await broker.dead()).toBe(1)
})
