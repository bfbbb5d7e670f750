import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { probeAtRate } from './prober.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function listen(answer: RequestListener): Promise<URL> {
  const made = createServer(answer)
  server = made
  await new Promise<void>(resolve => made.listen(0, '127.0.0.1', resolve))
  return new URL(`http://127.0.0.1:${(made.address() as AddressInfo).port}/`)
}

const probe = (url: URL, more: object = {}) => ({
  url,
  method: 'GET' as const,
  headers: {},
  body: undefined,
  ratePerSecond: 200,
  timeoutMs: 2000,
  version: ({ body }: { body: string }) => body,
  ...more,
})
const forever = new AbortController().signal

test('each request is sent once, in its turn, and says which release answered', async () => {
  let count = 0
  const url = await listen((_, response) => response.end(++count <= 20 ? 'old' : 'new'))
  const samples = await probeAtRate(probe(url), { signal: forever, most: 40 })
  expect(count).toBe(40)
  expect(samples.map(sample => sample.due)).toEqual(Array.from({ length: 40 }, (_, i) => i * 5))
  expect(samples.filter(sample => sample.version === 'old')).toHaveLength(20)
})

test('failures are classed: a status, a cut line, no answer in time, nobody there', async () => {
  const url = await listen(({ url: path, socket }, response) => {
    if (path === '/503') response.writeHead(503).end()
    else if (path === '/cut') socket.destroy()
    else if (path === '/ok') response.end('ok')
  })
  const failureOf = async (path: string, timeoutMs = 30_000) =>
    (await probeAtRate(probe(new URL(path, url), { timeoutMs }), { signal: forever, most: 1 }))[0]?.failure
  expect([await failureOf('/503'), await failureOf('/cut'), await failureOf('/ok')]).toEqual([
    'HTTP 503',
    'reset',
    undefined,
  ])
  expect(await failureOf('/silence', 300)).toBe('timeout')
  server?.closeAllConnections()
  server?.close()
  expect(await failureOf('/ok')).toBe('refused')
})

test('what is asked with a body is sent with it, and a signal ends it', async () => {
  const bodies: string[] = []
  const url = await listen((request, response) => {
    request.setEncoding('utf8')
    request.on('data', chunk => bodies.push(chunk))
    request.on('end', () => response.end())
  })
  const stop = new AbortController()
  const samples = await probeAtRate(probe(url, { method: 'POST', body: '{"text":"a"}' }), {
    signal: stop.signal,
    seen: () => bodies.length >= 5 && stop.abort(),
  })
  expect(new Set(bodies)).toEqual(new Set(['{"text":"a"}']))
  expect(samples.length).toBe(bodies.length)
})
