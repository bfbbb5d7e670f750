import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { EmbeddedBroker } from '../broker/embedded.ts'
import { americanFolder, labFolder, putRows } from '../testing/model-dir.ts'
import { type ServeOptions, serve as serveWith } from '../testing/serve.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const serve = (options: ServeOptions = {}) => serveWith(closers, options)

const post = (url: string, init: RequestInit = {}) => fetch(url, { method: 'POST', ...init })
const json = { accept: 'application/json' }

describe("the lab's own pages", () => {
  test('answer with the very texts that its clients know', async () => {
    const { url } = await serve()
    const text = async (response: Response) => [response.status, await response.text()] as const
    expect(await text(await fetch(`${url}/`))).toEqual([
      200,
      expect.stringContaining('\n<h1>Welcome to the Machine Learning Course.</h1>\n'),
    ])
    const accuracy = await text(await post(`${url}/accuracy`))
    expect(accuracy).toEqual([200, expect.stringContaining('\n<h1>The accuracy is 71.42857313156128</h1>\n')])
    const [status, page] = await text(await post(`${url}/predictions`))
    expect(status).toBe(200)
    expect(page).toContain('<title>Test App</title>')
    expect(page).toContain('\n<h1>Accuracy is 71.42857313156128</h1>\n')
    const [table = ''] = /<table border="1">[\s\S]*<\/table>/.exec(page) ?? []
    expect(table).toContain('<tr><th>True</th><th>Predicted</th></tr>')
    const rows = [...table.matchAll(/<tr[^>]*><td>(\d)<\/td><td>(\d)<\/td><\/tr>/g)].map(
      ([, truth, guess]) => `${truth}${guess}`,
    )
    expect(rows).toEqual(['10', '11', '10', '11', '00', '00', '00'])
  })

  test.each(['/accuracy', '/predictions'])('GET %s is a form with one submit that posts', async path => {
    const { url } = await serve({ workers: 0 })
    const page = await (await fetch(url + path)).text()
    expect(page.match(/<form /g)).toHaveLength(1)
    expect(page).toContain(`<form action="${path}" method="POST"><input type="submit" `)
    expect(page.match(/type="submit"/g)).toHaveLength(1)
  })

  test('any number of rows is shown', async () => {
    const modelDir = labFolder('a')
    const many = 2500
    const row = '6,148,72,35,0,33.6,0.627,50,1\n'
    putRows(modelDir, row.repeat(many))
    const { url } = await serve({ modelDir })
    expect((await (await post(`${url}/predictions`)).text()).match(/<td>1<\/td><td>/g)).toHaveLength(many)
    putRows(modelDir, row)
    expect((await (await post(`${url}/predictions`)).text()).match(/<td>1<\/td><td>/g)).toHaveLength(1)
  })

  test('whatever a client sends in the body is let pass', async () => {
    const { url } = await serve()
    const bodies: RequestInit[] = [
      { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      { body: '', headers: { 'content-type': 'application/json' } },
      { body: 'no json', headers: { 'content-type': 'application/json' } },
      { body: 'x', headers: { 'content-type': 'text/plain' } },
    ]
    for (const init of bodies) expect((await post(`${url}/accuracy`, init)).status).toBe(200)
    expect((await post(`${url}/accuracy`, { body: 'x'.repeat(1001) })).status).toBe(413)
  })

  test('give JSON to whoever asks for it', async () => {
    const { url } = await serve()
    const model = {
      id: expect.stringMatching(/^[0-9a-f]{12}$/),
      accuracy: 71.42857313156128,
      rows: 7,
      format: 'keras-json-h5',
    }
    expect(await (await post(`${url}/accuracy`, { headers: json })).json()).toMatchObject({
      accuracy: 71.42857313156128,
      model,
    })
    expect(await (await post(`${url}/predictions`, { headers: json })).json()).toMatchObject({
      y: [1, 1, 1, 1, 0, 0, 0],
      predicted: [0, 1, 0, 1, 0, 0, 0],
      model,
    })
  })
})

test('a hundred requests in a row and a hundred at once are all answered', async () => {
  const { url } = await serve()
  const right = async () =>
    (await (await post(`${url}/accuracy`)).text()).includes('<h1>The accuracy is 71.42857313156128</h1>')
  const inARow: boolean[] = []
  for (let i = 0; i < 100; i++) inARow.push(await right())
  expect(inARow).toEqual(Array(100).fill(true))
  expect(await Promise.all(Array.from({ length: 100 }, right))).toEqual(Array(100).fill(true))
})

describe('without an answer', () => {
  test('a request ends at the deadline with a page that says so', async () => {
    const { url } = await serve({ workers: 0, timeoutMs: 50 })
    const reply = await post(`${url}/predictions`)
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await reply.text()).toContain('<p>No prediction at the moment: no worker answered within 0.05 s.</p>')
    const asJson = await post(`${url}/accuracy`, { headers: json })
    expect(await asJson.json()).toEqual({
      error: 'No prediction at the moment: no worker answered within 0.05 s.',
      code: 'request.timeout',
    })
  })

  test('more requests than may wait are refused at once', async () => {
    const { url } = await serve({ workers: 0, timeoutMs: 500, limit: 1 })
    const seen = await Promise.all(
      [1, 2, 3].map(async () => {
        const reply = await post(`${url}/accuracy`, { headers: json })
        return `${reply.status} ${(await reply.json()).code} ${reply.headers.get('retry-after')}`
      }),
    )
    expect(seen.sort()).toEqual(['429 request.busy 1', '429 request.busy 1', '503 request.timeout 5'])
  })

  test('a worker without a model is named, but no file of the server', async () => {
    const { url } = await serve({ modelDir: '/nonexistent/secret' })
    const text = await (await post(`${url}/accuracy`)).text()
    expect(text).toContain(
      '<p>No prediction at the moment: the worker has no model that it can use (model.missing).</p>',
    )
    expect(text).not.toContain('secret')
  })
})

describe('other addresses and methods', () => {
  test.each([
    ['GET', '/nothing', 404, null],
    ['POST', '/', 405, 'GET, HEAD, OPTIONS'],
    ['DELETE', '/accuracy', 405, 'GET, HEAD, POST, OPTIONS'],
    ['PUT', '/predictions?x=1', 405, 'GET, HEAD, POST, OPTIONS'],
    ['PROPFIND', '/predictions', 405, 'GET, HEAD, POST, OPTIONS'],
    ['OPTIONS', '/predictions', 204, 'GET, HEAD, POST, OPTIONS'],
    ['HEAD', '/', 200, null],
    ['POST', '/healthz', 405, 'GET, HEAD, OPTIONS'],
  ])('%s %s is %i', async (method, path, status, allow) => {
    const { url } = await serve({ workers: 0 })
    const reply = await fetch(url + path, { method })
    expect([reply.status, reply.headers.get('allow')]).toEqual([status, allow])
  })

  test('TRACE is refused with what is allowed', async () => {
    const { app } = await serve({ workers: 0 })
    const { port } = app.server.address() as AddressInfo // a TCP server has no other kind of address
    const socket = connect(port, '127.0.0.1')
    socket.end('TRACE /accuracy HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    const chunks: Buffer[] = []
    socket.on('data', chunk => chunks.push(chunk))
    await once(socket, 'close')
    const text = Buffer.concat(chunks).toString()
    expect(text).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\nallow: GET, HEAD, POST, OPTIONS\r\n/)
  })

  test('an address is shown back only as text', async () => {
    const { url } = await serve({ workers: 0 })
    expect(await (await fetch(`${url}/<script>alert(1)</script>`)).text()).not.toContain('<script')
  })
})

describe('operators', () => {
  test('a server that stops answers, and sends clients elsewhere for what comes next', async () => {
    let stopping = false
    const { url } = await serve({ workers: 0, stopping: () => stopping })
    const kept = async () => {
      const { status, headers } = await fetch(`${url}/version`)
      return [status, headers.get('connection')]
    }
    expect(await kept()).toEqual([200, 'keep-alive'])
    stopping = true
    expect(await kept()).toEqual([200, 'close'])
  })

  test('see when the service is ready, and why it is not', async () => {
    const { url, broker } = await serve({ workers: 0 })
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ ok: true })
    const away = await fetch(`${url}/readyz`)
    expect([away.status, await away.json()]).toEqual([
      503,
      { ready: false, reason: 'no worker takes jobs', queue: { messages: 0, consumers: 0 } },
    ])
    broker.consume(async body => body, 1)
    const there = await fetch(`${url}/readyz`)
    expect([there.status, await there.json()]).toEqual([200, { ready: true, queue: { messages: 0, consumers: 1 } }])
  })

  test('see the version, the engine and the model', async () => {
    const { url } = await serve()
    expect(await (await fetch(`${url}/version`)).json()).toMatchObject({
      version: '1.2.3',
      engine: 'tfjs-cpu',
      model: {
        id: expect.stringMatching(/^[0-9a-f]{12}$/),
        date: expect.stringMatching(/^\d{4}-.*Z$/),
        accuracy: 71.42857313156128,
      },
    })
    expect(await (await fetch(`${url}/status`)).json()).toMatchObject({
      version: '1.2.3',
      ready: true,
      queue: { messages: 0, consumers: 1 },
      pending: 0,
      dead: 0,
      model: { rows: 7 },
      models: { diabetes: { rows: 7 }, american: null },
    })
  })

  test('see what was put aside', async () => {
    const { url, broker } = await serve()
    await broker.request(Buffer.from('no job'))
    expect(await (await fetch(`${url}/status`)).json()).toMatchObject({ dead: 1 })
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('\npredictor_dead_jobs 1\n')
  })

  test('see no model where there is no worker', async () => {
    const { url } = await serve({ workers: 0 })
    expect(await (await fetch(`${url}/version`)).json()).toMatchObject({ version: '1.2.3', engine: null, model: null })
  })

  test('can count requests, jobs, the queue and the model', async () => {
    const { url } = await serve()
    await post(`${url}/accuracy`)
    await fetch(`${url}/made/up/${Date.now()}`)
    const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n')
    expect(lines).toContain('predictor_http_requests_total{method="POST",route="/accuracy",status="200"} 1')
    expect(lines).toContain('predictor_http_requests_total{method="GET",route="none",status="404"} 1')
    expect(lines).toContain('predictor_http_request_seconds_count{route="/accuracy"} 1')
    expect(lines).toContain('predictor_jobs_total{outcome="answered"} 1')
    expect(lines).toContain('predictor_queue_messages 0')
    expect(lines).toContain('predictor_queue_consumers 1')
    expect(lines).toContain('predictor_broker_up 1')
    expect(lines.find(line => line.startsWith('predictor_model_accuracy{'))).toMatch(/} 71\.42857313156128$/)
    expect(lines.find(line => line.startsWith('predictor_model_info{'))).toMatch(
      /format="keras-json-h5",engine="tfjs-cpu"/,
    )
  })
})

test('a request that is under way when the server stops is answered', async () => {
  const { app, url, broker } = await serve({ workers: 0 })
  const arrived = arrival(broker)
  const reply = post(`${url}/accuracy`, { headers: json })
  await arrived
  const closed = app.close()
  broker.consume(async () => Buffer.from('{"ok":true,"result":{"accuracy":1,"model":{"name":"diabetes"}}}'), 1)
  expect(await (await reply).json()).toEqual({ accuracy: 1, model: { name: 'diabetes' } })
  await closed
})

/** Resolves when a request stands in the queue. */
async function arrival(broker: EmbeddedBroker): Promise<void> {
  while (broker.pending === 0) await new Promise(resolve => setImmediate(resolve))
}

test('pages are well-formed, and say everything to a client that loads nothing else', async () => {
  const { url } = await serve({ americanDir: americanFolder() })
  const pages = [
    await fetch(`${url}/`),
    await fetch(`${url}/accuracy`),
    await post(`${url}/accuracy`),
    await fetch(`${url}/predictions`),
    await post(`${url}/predictions`),
    await fetch(`${url}/nothing`),
    await fetch(`${url}/docs`),
    await fetch(`${url}/predict?glucose=148`),
    await post(`${url}/predict`, { body: new URLSearchParams({ age: '"><b>&' }) }),
    await post(`${url}/predict`, { body: someRow }),
    await fetch(`${url}/american`),
    await post(`${url}/american`, { body: new URLSearchParams({ text: '</textarea><b>"my" neighbor & co' }) }),
  ]
  for (const page of pages) {
    const text = await page.text()
    expect(unbalanced(text)).toBeUndefined()
    expect(text).not.toMatch(/<script|src=|https?:\/\/(?!HOST)/)
    expect(text).toContain('<html lang="en">')
    expect(text.match(/<h1>/g)).toHaveLength(1)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  }
})

const someRow = new URLSearchParams({
  pregnancies: '6',
  glucose: '148',
  blood_pressure: '72',
  skin_thickness: '35',
  insulin: '0',
  bmi: '33.6',
  pedigree: '0.627',
  age: '50',
})

/** The first tag that is not closed, or closes another, as XML sees it; `undefined` when all is well. */
function unbalanced(text: string): string | undefined {
  const open: string[] = []
  for (const [tag, end, name = '', rest = ''] of text
    .replace(/^<!DOCTYPE html>/, '')
    .matchAll(/<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z0-9-]+="[^"<]*")*\s*\/?)>|<[\s\S]{0,20}|&(?!#\d+;)[\s\S]{0,10}/g)) {
    if (name === '') return tag
    if (end) {
      if (open.pop() !== name) return tag
    } else if (!rest.endsWith('/')) open.push(name)
  }
  return open.at(-1)
}

test('the check for well-formed pages finds what is wrong', () => {
  expect(unbalanced('<p>a</p>')).toBeUndefined()
  expect([unbalanced('<p><b></p>'), unbalanced('<br>'), unbalanced('a & b'), unbalanced('<p a=b></p>')]).toEqual([
    '</p>',
    'br',
    '& b',
    '<p a=b></p>',
  ])
})

test('an address that is none is answered as all else: a page, or JSON', async () => {
  const { url } = await serve({ workers: 0 })
  const page = await fetch(`${url}/%zz`)
  expect([page.status, page.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8'])
  const json = await fetch(`${url}/%zz`, { headers: { accept: 'application/json' } })
  expect(await json.json()).toMatchObject({ code: 'FST_ERR_BAD_URL' })
})
