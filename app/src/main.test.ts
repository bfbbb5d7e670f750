import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { decodeModel } from './american/model-file.ts'
import { classifier } from './american/naive-bayes.ts'
import { parseTweets } from './american/tweets.ts'
import { amqpRequester } from './broker/amqp-requester.ts'
import { decodeReply, encode } from './jobs.ts'
import { createLog } from './log.ts'
import { americanFolder, americanModel, dataFile, labFolder, putModel } from './testing/model-dir.ts'
import { buildProgram, copyProgram, type Program, Running } from './testing/program.ts'
import { type Rabbit, startRabbit } from './testing/rabbitmq.ts'

let program: Program
let rabbit: Rabbit
beforeAll(async () => {
  const [built, started] = await Promise.all([buildProgram(), startRabbit()])
  program = built
  rabbit = started
}, 120_000)
afterAll(async () => {
  program?.remove()
  await rabbit?.remove()
}, 60_000)

const running: Running[] = []
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop('SIGKILL')
})

function run(args: string[], env: Record<string, string> = {}): Running {
  const started = new Running(program, args, env)
  running.push(started)
  return started
}

let count = 0
/** The environment of services that share a queue of their own. */
const shared = (env: Record<string, string> = {}) => ({
  AMQP_URL: rabbit.url,
  QUEUE: `main.${++count}`,
  PORT: '0',
  MODEL_DIR: labFolder('a'),
  RPC_TIMEOUT_MS: '30000',
  ...env,
})

async function web(env: Record<string, string>): Promise<{ service: Running; url: string }> {
  const service = run(['web'], env)
  const [, url = ''] = await service.says(/Server listening at (http:[^"]+)/)
  await service.says(/broker connected/)
  return { service, url }
}

async function worker(env: Record<string, string>): Promise<Running> {
  const service = run(['worker'], env)
  await service.says(/broker connected/)
  return service
}

const accuracy = async (url: string) => {
  const reply = await fetch(`${url}/accuracy`, { method: 'POST' })
  return /<h1>The accuracy is ([\d.]+)<\/h1>/.exec(await reply.text())?.[1] ?? `status ${reply.status}`
}
const right = '71.42857313156128'
/** What waits in the queue, and who works. */
const queueOf = async (url: string): Promise<unknown> =>
  ((await (await fetch(`${url}/readyz`)).json()) as { queue: unknown }).queue // the shape is tested in server.test.ts
const patient = { timeout: 30_000, interval: 20 }

describe('in one process, without a broker', () => {
  test('web and worker serve the packaged model, and stop when they are told to', async () => {
    const all = run([], { PORT: '0' })
    const [, url = ''] = await all.says(/Server listening at (http:[^"]+)/)
    const { model } = (await (await fetch(`${url}/version`)).json()) as {
      model: { id: string; accuracy: number; date: string }
    } // the shape is tested in server.test.ts
    const card: { model: string; trained: string; accuracy: { heldOut: number } } = JSON.parse(
      readFileSync(new URL('../models/diabetes/card.json', import.meta.url), 'utf8'),
    )
    expect(model).toMatchObject({ id: card.model, date: card.trained, accuracy: card.accuracy.heldOut, rows: 153 })
    expect(await (await fetch(`${url}/`)).text()).toContain('<h1>Welcome to the Machine Learning Course.</h1>')
    const healthy = run(['health'], { PORT: new URL(url).port })
    expect(await healthy.ended()).toBe(0)
    expect(await all.stop()).toBe(0)
    const sick = run(['health'], { PORT: new URL(url).port })
    expect([await sick.ended(), sick.said]).toEqual([1, expect.stringContaining('ECONNREFUSED')])
  })
})

describe('in several processes, with RabbitMQ', () => {
  test('a hundred requests in a row and a hundred at once are all answered', async () => {
    const env = shared()
    const { url } = await web(env)
    await Promise.all([worker(env), worker(env)])
    const inARow: string[] = []
    for (let i = 0; i < 100; i++) inARow.push(await accuracy(url))
    expect(inARow).toEqual(Array(100).fill(right))
    expect(await Promise.all(Array.from({ length: 100 }, () => accuracy(url)))).toEqual(Array(100).fill(right))
  })

  test('a worker that is killed with a job in its hands loses nothing', async () => {
    const env = shared({ PREFETCH: '1' })
    const { url } = await web(env)
    const first = await worker(env)
    await expect.poll(() => queueOf(url), patient).toMatchObject({ messages: 0, consumers: 1 })
    // Stopped, it still takes a job from the broker, and will never answer it. It has none in its hands yet: one that is
    // answered may not be acknowledged yet.
    first.process.kill('SIGSTOP')
    const replies = Promise.all([1, 2, 3].map(() => accuracy(url)))
    await expect.poll(() => queueOf(url), patient).toMatchObject({ messages: 2, consumers: 1 })
    await first.stop('SIGKILL')
    await worker(env)
    expect(await replies).toEqual([right, right, right])
  })

  test('a worker that is killed with 1,000 jobs queued loses none, and none is answered twice', async () => {
    const env = shared({ MODELS: 'american', AMERICAN_MODEL_DIR: americanFolder(), BATCH_MAX: '50' })
    const { texts } = parseTweets(readFileSync(dataFile('american/test.csv')), 'test.csv')
    const log = createLog('silent', 'test')
    const options = { url: rabbit.url, queue: env.QUEUE, queueLimit: 10_000, log }
    const connect = () => amqpRequester(options, { limit: 1000, timeoutMs: 60_000 })
    const ask = async (through: Awaited<ReturnType<typeof connect>>, text: string) =>
      decodeReply<'predict-texts'>(await through.request(encode({ kind: 'predict-texts', texts: [text] })))
    // Its job may be stopped between the reply and the broker's hearing of it, and then is done again.
    const beforehand = await connect()
    const requester = await connect()
    try {
      const first = await worker(env)
      expect(await ask(beforehand, '#covid19 new york')).toMatchObject({ ok: true, result: { predicted: [1] } })
      first.process.kill('SIGSTOP')
      const replies = Promise.all(texts.map(text => ask(requester, text)))
      const waiting = async () => (await requester.queue())?.messages
      await expect.poll(waiting, patient).toBeGreaterThanOrEqual(texts.length - 50)
      await first.stop('SIGKILL')
      await worker(env)
      const judge = classifier(decodeModel(americanModel(), 'model.json'))
      // Each text has its own probability: an answer that went to another job would show.
      expect((await replies).map(reply => reply.ok && reply.result.probability[0])).toEqual(
        texts.map(text => judge(text).probability),
      )
      expect([requester.strays, requester.pending, await requester.dead()]).toEqual([0, 0, 0])
    } finally {
      await Promise.all([requester.close(), beforehand.close()])
    }
  }, 120_000)

  test('what is no job is put aside, and shown', async () => {
    const env = shared()
    const { url } = await web(env)
    await worker(env)
    const log = createLog('silent', 'test')
    const requester = await amqpRequester(
      { url: rabbit.url, queue: env.QUEUE, queueLimit: 10_000, log },
      { limit: 1, timeoutMs: 30_000 },
    )
    expect(decodeReply(await requester.request(Buffer.from('\0poison')))).toMatchObject({
      ok: false,
      code: 'job.unreadable',
    })
    await requester.close()
    expect(await (await fetch(`${url}/status`)).json()).toMatchObject({ dead: 1 })
    expect(await accuracy(url)).toBe(right)
    const jobs = async (...args: string[]) => {
      const asked = run(['jobs', ...args], env)
      expect(await asked.ended(), asked.said).toBe(0)
      return JSON.parse(asked.said)
    }
    expect(await jobs()).toMatchObject({ waiting: 0, dead: 1, jobs: [{ reason: 'job.unreadable', body: '\0poison' }] })
    expect(await jobs('purge')).toEqual({ purged: 1 })
    expect(await jobs('list')).toMatchObject({ dead: 0, jobs: [] })
    const wrong = run(['jobs', 'eat'], env)
    expect([await wrong.ended(), wrong.said]).toEqual([1, 'error: there is no jobs eat: list, retry or purge\n'])
  })

  test('workers that are taken away in the middle of the work lose nothing', async () => {
    const env = shared()
    const { url } = await web(env)
    const workers = await Promise.all([1, 2, 3].map(() => worker(env)))
    let asking = true
    const answers: string[] = []
    const client = async () => {
      while (asking) answers.push(await accuracy(url))
    }
    const clients = Promise.all(Array.from({ length: 8 }, client))
    await expect.poll(() => answers.length, patient).toBeGreaterThan(20)
    expect(await workers[2]?.stop()).toBe(0)
    await workers[1]?.stop('SIGKILL')
    const before = answers.length
    await expect.poll(() => answers.length, patient).toBeGreaterThan(before + 100)
    asking = false
    await clients
    expect(new Set(answers)).toEqual(new Set([right]))
    expect(await queueOf(url)).toEqual({ messages: 0, consumers: 1 })
  })

  test('a new model is live in every worker without a restart', async () => {
    const env = shared()
    const { url } = await web(env)
    await Promise.all([worker(env), worker(env)])
    expect(await accuracy(url)).toBe(right)
    putModel(env.MODEL_DIR, 'b')
    expect(await Promise.all(Array.from({ length: 20 }, () => accuracy(url)))).toEqual(
      Array(20).fill('57.14285969734192'),
    )
  })

  test('the password of the broker stands in no log', async () => {
    const env = shared()
    const { service } = await web(env)
    expect(service.said).toContain('amqp://guest:***@127.0.0.1')
    expect(service.said).not.toContain('guest:guest')
  })

  test('a worker says by its file that it is well', async () => {
    const HEALTH_FILE = join(mkdtempSync(join(tmpdir(), 'app-health-')), 'beat')
    const early = run(['health'], { HEALTH_FILE })
    expect([await early.ended(), early.said]).toEqual([1, 'the worker has not begun to take jobs\n'])
    const env = shared({ HEALTH_FILE })
    await worker(env)
    await expect.poll(async () => await run(['health'], { HEALTH_FILE }).ended(), patient).toBe(0)
  })
})

describe('the tweet API alone', () => {
  const ask = async (url: string, text: string) =>
    await (
      await fetch(`${url}/api/american`, {
        method: 'POST',
        body: JSON.stringify({ text }),
        headers: { 'content-type': 'application/json' },
      })
    ).json()

  test('is trained and served by a program without TensorFlow.js', async () => {
    const without = copyProgram(program)
    try {
      const chunks = join(dirname(without.main), 'chunks')
      const removed = readdirSync(chunks).filter(name => name.startsWith('tensorflow-bundled-'))
      expect(removed).not.toEqual([])
      for (const name of removed) rmSync(join(chunks, name))
      const env = {
        MODELS: 'american',
        AMERICAN_MODEL_DIR: join(mkdtempSync(join(tmpdir(), 'app-american-')), 'model'),
      }
      const training = new Running(without, ['train', 'american'], env)
      running.push(training)
      expect(await training.ended(), training.said).toBe(0)
      const all = new Running(without, ['all'], { ...env, PORT: '0' })
      running.push(all)
      const [, url = ''] = await all.says(/Server listening at (http:[^"]+)/)
      const card: { trained: string } = JSON.parse(readFileSync(join(env.AMERICAN_MODEL_DIR, 'card.json'), 'utf8'))
      const version = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
      expect(await ask(url, '#covid19 new york')).toEqual({ is_american: 1, version, model_date: card.trained })
    } finally {
      without.remove()
    }
  })

  test('fetches its model, and does not start with another one', async () => {
    const model = americanModel('counts')
    const server = createServer((_, reply) => reply.end(model)).listen(0, '127.0.0.1')
    try {
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo // a TCP server has no other kind of address
      const TMPDIR = mkdtempSync(join(tmpdir(), 'app-fetched-'))
      const env = { MODELS: 'american', PORT: '0', MODEL_URL: `http://127.0.0.1:${port}/model.json`, TMPDIR }
      const sha256 = createHash('sha256').update(model).digest('hex')
      const all = run(['all'], { ...env, MODEL_DIGEST: `sha256:${sha256}` })
      const [, url = ''] = await all.says(/Server listening at (http:[^"]+)/)
      expect(await ask(url, 'color')).toMatchObject({ is_american: 1 })
      expect([readdirSync(TMPDIR).length, await all.stop(), readdirSync(TMPDIR)]).toEqual([1, 0, []])
      const other = run(['all'], { ...env, MODEL_DIGEST: 'a'.repeat(64) })
      expect(await other.ended()).toBe(1)
      expect(other.said).toContain(
        `error: the file at MODEL_URL is not the model that was meant: its SHA-256 is ${sha256}`,
      )
    } finally {
      server.close()
    }
  })
})

test('what is told to stop before it has started does so, also as the first process of a container', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1')
  try {
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo // a TCP server has no other kind of address
    const asked = once(server, 'request')
    const MODEL_URL = `http://127.0.0.1:${port}/model.json`
    const starting = run(['all'], { MODELS: 'american', PORT: '0', MODEL_URL, MODEL_DIGEST: 'a'.repeat(64) })
    await asked
    expect(await starting.stop()).toBe(143)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

test('the program stays light', () => {
  const dist = dirname(program.main)
  const chunks = readdirSync(join(dist, 'chunks')).filter(name => name.endsWith('.js'))
  const kib = (names: readonly string[]) => names.reduce((sum, name) => sum + statSync(join(dist, name)).size, 0) / 1024
  expect(kib(['main.js'])).toBeLessThan(8)
  expect(kib(['main.js', ...chunks.map(name => `chunks/${name}`)])).toBeLessThan(2600)
})

describe('wrong use', () => {
  test('names every wrong setting, and exits with 1', async () => {
    const service = run(['web'], { PORT: 'x', PREFETCH: '0' })
    expect([await service.ended(), service.said]).toEqual([
      1,
      'error: PORT must be a whole number from 0 to 65535, not "x"\nPREFETCH must be a whole number from 1 to 10000, not "0"\n',
    ])
  })

  test.each([
    [
      ['worker'],
      'error: worker alone needs AMQP_URL, AMQP_URL_FILE or AMQP_HOST\nhint: without a broker, start both in one process: `main.js all`\n',
    ],
    [['train', '--epochs', '0'], 'error: --epochs must be a whole number of at least 1, not "0"\n'],
    [
      ['train', '--data', '/nonexistent.csv'],
      "error: the data cannot be read: ENOENT: no such file or directory, open '/nonexistent.csv'\n",
    ],
    [['train', 'tweets'], 'error: there is no model "tweets": train diabetes, or american\n'],
  ])('%j is refused in words', async (args, text) => {
    const refused = run(args)
    expect([await refused.ended(), refused.said]).toEqual([1, text])
  })

  test('an address that is taken is named', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    try {
      await once(server, 'listening')
      const PORT = String((server.address() as AddressInfo).port) // a TCP server has no other kind of address
      const refused = run(['all'], { MODELS: 'american', PORT })
      expect(await refused.ended()).toBe(1)
      expect(refused.said).toContain(`error: the address 127.0.0.1:${PORT} cannot be used: `)
    } finally {
      server.close()
    }
  })

  test('a command that does not exist gets the list of those that do', async () => {
    const refused = run(['serve'])
    expect([await refused.ended(), refused.said]).toEqual([
      1,
      expect.stringMatching(/^error: there is no command "serve"\nhint: Usage: main\.js \[web/),
    ])
    expect(await run(['--help']).ended()).toBe(0)
  })
})

test('a folder that cannot take a model is named before the training begins', async () => {
  const training = run(['train', '--epochs', '1', '--model-dir', '/proc/none/model'])
  expect(await training.ended()).toBe(1)
  expect(training.said).toMatch(/^error: the model cannot be written: /)
})

test('training prints what the lab printed, and what it writes is served', async () => {
  const MODEL_DIR = mkdtempSync(join(tmpdir(), 'app-trained-'))
  const training = run(['train', '--epochs', '3', '--seed', '11'], { MODEL_DIR })
  expect(await training.ended()).toBe(0)
  const lines = training.said.trimEnd().split('\n')
  expect(lines.slice(-11)).toEqual([
    expect.stringMatching(/^Epoch 3\/3 - loss: \d\.\d{4}$/),
    expect.stringMatching(/^Accuracy: \d\d\.\d\d$/),
    expect.stringMatching(/^Accuracy on held-out rows: \d\d\.\d\d$/),
    expect.stringMatching(/^Model [0-9a-f]{12} in \/.*app-trained-/),
    'Saved model to disk',
    'Loaded model from disk',
    expect.stringMatching(/^\[6\.0, 148\.0, 72\.0, 35\.0, 0\.0, 33\.6, 0\.627, 50\.0\] => [01] \(expected 1\)$/),
    expect.stringMatching(/^\[1\.0, 85\.0, .*\] => [01] \(expected 0\)$/),
    expect.stringMatching(/^\[8\.0, 183\.0, .*\] => [01] \(expected 1\)$/),
    expect.stringMatching(/^\[1\.0, 89\.0, .*\] => [01] \(expected 0\)$/),
    expect.stringMatching(/^\[0\.0, 137\.0, .*\] => [01] \(expected 1\)$/),
  ])
  const all = run(['all'], { PORT: '0', MODEL_DIR })
  const [, url = ''] = await all.says(/Server listening at (http:[^"]+)/)
  const card: { accuracy: { heldOut: number } } = JSON.parse(readFileSync(join(MODEL_DIR, 'card.json'), 'utf8'))
  expect(await accuracy(url)).toBe(String(card.accuracy.heldOut))
})
