import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { asking, routeOf } from './ask.ts'
import { askAll, evaluation } from './evaluate.ts'
import type { Labelled } from './questions.ts'

/** A server of its own for the test, with what it answers. */
async function serve(answer: RequestListener): Promise<URL> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) // it listens at a port
}

const rows: Labelled[] = ['US', 'US', 'GB', 'GB', 'US'].map((country, i) => ({
  question: { model: 'american', text: `${country} ${i}` },
  label: country === 'US' ? 1 : 0,
  line: i + 2,
}))

test('answers are held against what is true; failures are named and counted, and are no answers', async () => {
  const paths = new Set<string>()
  const url = await serve((request, reply) => {
    paths.add(`${request.method} ${request.url}`)
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () => {
      const { text } = JSON.parse(body)
      if (text === 'US 0') reply.writeHead(503).end('{"error":"no worker takes jobs","code":"x"}')
      else if (text === 'US 4') reply.end('<h1>hello</h1>')
      else if (text === 'GB 3') request.socket.destroy()
      else reply.setHeader('x-model', 'abc').end('{"is_american":1,"version":"0.1","model_date":"today"}')
    })
  })
  const client = asking(url, { connections: 2, timeoutMs: 10_000 })
  onTestFinished(() => client.close())
  const seen: number[] = []
  const asked = await askAll(rows, question => client.ask(question), {
    concurrency: 2,
    signal: new AbortController().signal,
    seen: ({ row }) => seen.push(row.line),
  })
  const result = evaluation(asked, 1.5)
  expect([...paths]).toEqual(['POST /api/american'])
  expect(seen.sort()).toEqual([2, 3, 4, 5, 6])
  expect(result).toMatchObject({
    rows: 5,
    answered: 2,
    failed: 3,
    failures: {
      'HTTP 503': { count: 1, says: 'no worker takes jobs' },
      'no prediction': { count: 1, says: 'it answered <h1>hello</h1>' },
      reset: { count: 1 },
    },
    accuracy: { percent: 50, right: 1, rows: 2 },
    confusion: [
      [0, 1],
      [0, 1],
    ],
    releases: [{ version: '0.1', modelId: 'abc', modelDate: 'today', answers: 2 }],
  })
})

test('no more are asked at a time than was wished, and none after an interruption', async () => {
  let [open, most] = [0, 0]
  const interrupted = new AbortController()
  const asked = await askAll(
    Array.from({ length: 100 }, () => rows[0]).flatMap(row => row ?? []),
    async () => {
      most = Math.max(most, ++open)
      await new Promise(resolve => setImmediate(resolve))
      open--
      return { kind: 'failure', reason: 'refused', says: undefined, ms: 1 }
    },
    { concurrency: 4, signal: interrupted.signal, seen: () => interrupted.abort() },
  )
  expect(most).toBe(4)
  expect(asked.length).toBeLessThanOrEqual(4)
  expect(evaluation(asked, 0).accuracy).toEqual({ percent: undefined, right: 0, rows: 0 })
})

test('a server that never answers is a timeout, one that is not there refuses', async () => {
  const silent = asking(await serve(() => {}), { connections: 1, timeoutMs: 50 })
  onTestFinished(() => silent.close())
  expect(await silent.ask({ model: 'american', text: '' })).toMatchObject({ kind: 'failure', reason: 'timeout' })
  const nobody = asking(new URL('http://127.0.0.1:1'), { connections: 1, timeoutMs: 10_000 })
  expect(await nobody.ask({ model: 'american', text: '' })).toMatchObject({ kind: 'failure', reason: 'refused' })
})

test.each([
  ['http://h:5100', 'http://h:5100/api/american'],
  ['http://h:5008/', 'http://h:5008/api/american'],
  ['http://h/api/predict', 'http://h/api/american'],
  ['https://h/lab/api/american', 'https://h/lab/api/american'],
])('the model of texts at %s answers at %s', (base, route) => {
  expect(routeOf(new URL(base), { model: 'american' }).href).toBe(route)
})
