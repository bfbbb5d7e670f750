import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { folder, mlops, root } from '../rig/mlops.ts'

/** The predictor as it is built, with the models of this repository. */
let app: ReturnType<typeof spawn>
let url: string

beforeAll(async () => {
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const env = { ...process.env, HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'silent', AMQP_URL: '' }
  app = spawn(process.execPath, [join(root, 'app/dist/main.js')], { env, stdio: 'ignore' })
  await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), {
    timeout: 60_000,
    interval: 100,
  })
}, 90_000)

afterAll(async () => {
  app.kill()
  if (app.exitCode === null) await once(app, 'exit')
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

test('a text and a row are predicted', async () => {
  const text = await mlops(['predict', '#covid19 new york', '--url', url])
  expect(text.stdout, text.stderr).toMatch(/^1 American\nmodel 6541f7fec4b8 of \S+, version \S+, \d+ ms\n$/)
  const row = await mlops(['predict', '6,148,72,35,0,33.6,0.627,50', '--url', url, '--json'])
  expect(JSON.parse(row.stdout)).toMatchObject({
    url: `${url}/api/predict`,
    predicted: 1,
    probability: expect.any(Number),
    modelId: 'a7eacaa3ee1e',
  })
})

test('what cannot be predicted is told, and is no success', async () => {
  const short = await mlops(['predict', '6,148,72', '--url', url])
  expect([short.status, short.stdout]).toEqual([1, ''])
  expect(short.stderr).toContain('a row is 8 numbers with commas between them: it has 3')
  const large = await mlops(['predict', `6,${'9'.repeat(400)},72,35,0,33.6,0.627,50`, '--url', url])
  expect([large.status, large.stdout]).toEqual([2, ''])
  expect(large.stderr).toMatch(/gave no answer \(HTTP 400\)/)
  const nowhere = await mlops(['predict', 'hello', '--url', 'nowhere'])
  expect(nowhere.status).toBe(1)
  expect(nowhere.stderr).toContain('nowhere is no address')
})

test('the model of texts is as good as its card says, whoever asks, and however many at a time', async () => {
  const data = join(root, 'app/data/american/test.csv')
  const ran = await mlops(['evaluate', '--data', data, '--url', url, '--concurrency', '8', '--json'])
  expect(ran.status, ran.stderr).toBe(0)
  expect(JSON.parse(ran.stdout)).toMatchObject({
    model: 'american',
    rows: 1000,
    failed: 0,
    accuracy: { percent: 83.5, right: 835, rows: 1000 },
    // as app/models/american/card.json has it
    confusion: [
      [346, 142],
      [23, 489],
    ],
    releases: [{ modelId: '6541f7fec4b8', answers: 1000 }],
  })
})

test('rows of the table are evaluated for people', async () => {
  const ran = await mlops(['evaluate', '--data', join(root, 'app/data/held-out.csv'), '--url', url])
  expect(ran.status, ran.stderr).toBe(0)
  expect(ran.stdout).toMatch(/^accuracy +71\.90 % \(110 of 153\)$/m)
  expect(ran.stdout).toMatch(/^true: diabetes +\d+ +\d+$/m)
  expect(ran.stdout).toMatch(/^model a7eacaa3ee1e +of .*: 153 answers$/m)
  expect(ran.stderr).toBe('')
})

test('bad rows are told with their places before anything is asked; nobody there is told once', async () => {
  const cwd = folder({ 'rows.csv': 'text,country_code\none,US\ntwo,Britain\n' })
  const bad = await mlops(['evaluate', '--data', 'rows.csv', '--url', url], { cwd })
  expect(bad.status).toBe(1)
  expect(bad.stderr).toContain('`Britain` is no country code\n  --> rows.csv:3:5')
  const nobody = await mlops(['evaluate', '--data', join(root, 'app/data/held-out.csv'), '--url', 'http://127.0.0.1:1'])
  expect(nobody.status).toBe(2)
  expect(nobody.stderr).toMatch(/api\/predict does not answer: refused/)
})
