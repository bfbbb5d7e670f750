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
  let count = 0
  const url = await listen((request, response) => {
    count++
    if (count === 1) response.writeHead(503).end()
    else if (count === 2) request.socket.destroy()
    else if (count > 3) response.end('ok')
  })
  const samples = await probeAtRate(probe(url, { timeoutMs: 300, ratePerSecond: 20 }), { signal: forever, most: 4 })
  expect(samples.map(sample => sample.failure)).toEqual(['HTTP 503', 'reset', 'timeout', undefined])
  server?.closeAllConnections()
  server?.close()
  const [alone] = await probeAtRate(probe(url), { signal: forever, most: 1 })
  expect(alone?.failure).toBe('refused')
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
