import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { labFolder, putModel } from './testing/model-dir.ts'
import { buildProgram, type Program, Running } from './testing/program.ts'
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
    const env = shared()
    const { url } = await web(env)
    const first = await worker(env)
    expect(await accuracy(url)).toBe(right)
    // Stopped, it still takes a job from the broker, and will never answer it.
    first.process.kill('SIGSTOP')
    const replies = Promise.all([1, 2, 3].map(() => accuracy(url)))
    await expect.poll(() => queueOf(url), patient).toMatchObject({ messages: 2, consumers: 1 })
    await first.stop('SIGKILL')
    await worker(env)
    expect(await replies).toEqual([right, right, right])
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
  ])('%j is refused in words', async (args, text) => {
    const refused = run(args)
    expect([await refused.ended(), refused.said]).toEqual([1, text])
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
