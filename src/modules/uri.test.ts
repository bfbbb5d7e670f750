import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { attempt, step, tmp } from './step.ts'
import { uri } from './uri.ts'

interface Seen {
  method?: string | undefined
  body: string
  headers: Record<string, unknown>
}

async function serve(): Promise<{ url: string; seen: Seen }> {
  const seen: Seen = { body: '', headers: {} }
  const server = createServer((request, response) => {
    seen.body = ''
    request.on('data', chunk => {
      seen.body += chunk
    })
    request.on('end', () => {
      seen.method = request.method
      seen.headers = request.headers
      if (request.url === '/moved') response.writeHead(302, { location: '/' })
      else if (request.url === '/broken') response.writeHead(500)
      else response.writeHead(200, { 'content-type': 'application/json', 'x-two-words': 'yes' })
      response.end('{"answer": 42}\n')
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
  })
  const address = server.address()
  return { seen, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}` }
}

for (const shell of ['dash', 'busybox'] as const) {
  test(`an answer comes back with its status, its JSON and its headers (${shell})`, async () => {
    const { url } = await serve()
    const { outcome, result } = await attempt(uri, { url: `${url}/`, return_content: true }, { shell })
    expect(outcome).toBe('ok')
    expect(result).toMatchObject({
      status: 200,
      json: { answer: 42 },
      content: '{"answer": 42}\n',
      x_two_words: 'yes',
      redirected: false,
      changed: false,
    })
  })
}

test('a body arrives as JSON, as a form, and as it is', async () => {
  const { url, seen } = await serve()
  const odd = `it's "quoted" \\ $HOME\n@file ü`
  await step(uri, { url, method: 'POST', body: { odd }, body_format: 'json' })
  expect(seen).toMatchObject({ method: 'POST', body: '{"odd": "it\'s \\"quoted\\" \\\\ $HOME\\n@file \\u00fc"}' })
  expect(seen.headers['content-type']).toBe('application/json')
  await step(uri, { url, method: 'PUT', body: { a: [1, 2], b: 'x y&z' }, body_format: 'form-urlencoded' })
  expect(seen).toMatchObject({ method: 'PUT', body: 'a=1&a=2&b=x+y%26z' })
  await step(uri, { url, method: 'POST', body: `@${odd}`, headers: { 'X-Odd': 'a "b" \\c' } })
  expect(seen.body).toBe(`@${odd}`)
  expect(seen.headers['x-odd']).toBe('a "b" \\c')
  await step(uri, { url, user: 'me', password: 'a"b\\c', force_basic_auth: true })
  expect(Buffer.from(String(seen.headers.authorization).slice(6), 'base64').toString()).toBe('me:a"b\\c')
})

test('a file of the controller is sent', async () => {
  const { url, seen } = await serve()
  const src = `${tmp()}/it's a file`
  writeFileSync(src, 'line\n\xe9')
  expect(await step(uri, { url, method: 'PUT', src })).toBe('ok')
  expect(seen).toMatchObject({ method: 'PUT', body: 'line\n\xe9' })
})

test('another status than the wanted one is a failure with the answer', async () => {
  const { url } = await serve()
  expect(await attempt(uri, { url: `${url}/broken` })).toMatchObject({
    outcome: 'failed',
    result: { status: 500, msg: 'Status code was 500 and not [200]', content: '{"answer": 42}\n' },
  })
  expect(await step(uri, { url: `${url}/broken`, status_code: '500,200' })).toBe('ok')
  const refused = await attempt(uri, { url: 'http://127.0.0.1:1/' })
  expect(refused).toMatchObject({ outcome: 'failed', result: { status: -1 } })
  expect(refused.result).not.toHaveProperty('content')
  const asked = await attempt(uri, { url: 'http://127.0.0.1:1/', return_content: true })
  expect(asked.result).toMatchObject({ status: -1, content: '' })
})

test('redirects are followed for GET, and not for POST', async () => {
  const { url } = await serve()
  expect((await attempt(uri, { url: `${url}/moved` })).result).toMatchObject({
    redirected: true,
    url: `${url}/`,
    status: 200,
  })
  expect(await step(uri, { url: `${url}/moved`, method: 'POST', status_code: 302 })).toBe('ok')
})

test('a POST without a body has a length, and becomes a GET behind a redirect', async () => {
  const { url, seen } = await serve()
  await step(uri, { url, method: 'POST' })
  expect(seen).toMatchObject({ method: 'POST', body: '', headers: { 'content-length': '0' } })
  expect(seen.headers['content-type']).toBeUndefined()
  const moved = { url: `${url}/moved`, method: 'POST', body: 'x', follow_redirects: 'all' }
  expect(await step(uri, moved)).toBe('ok')
  expect(seen).toMatchObject({ method: 'GET', body: '' })
})

test('an answer is put in a file, and a file that is there can keep the request back', async () => {
  const { url } = await serve()
  const dest = join(tmp(), `it's here`)
  expect(await step(uri, { url, dest, mode: '0600' })).toBe('changed')
  expect(readFileSync(dest, 'utf8')).toBe('{"answer": 42}\n')
  expect(await step(uri, { url, dest, mode: '0600' })).toBe('ok')
  writeFileSync(dest, '')
  expect((await attempt(uri, { url: 'http://127.0.0.1:1/', creates: dest })).outcome).toBe('ok')
})

test('without curl, a plain GET is done by the wget of BusyBox, and more is refused', async () => {
  const { url } = await serve()
  const folder = tmp()
  execFileSync('busybox', ['--install', '-s', folder])
  const options = { shell: 'busybox', environment: { PATH: folder } } as const
  expect((await attempt(uri, { url: `${url}/`, return_content: true }, options)).result).toMatchObject({
    status: 200,
    json: { answer: 42 },
    content: '{"answer": 42}\n',
    x_two_words: 'yes',
  })
  expect(await attempt(uri, { url: `${url}/broken` }, options)).toMatchObject({
    outcome: 'failed',
    result: { status: 500 },
  })
  expect(await step(uri, { url: `${url}/broken`, status_code: 500 }, options)).toBe('ok')
  expect((await attempt(uri, { url: `${url}/moved` }, options)).result.status).toBe(200)
  const refused = await attempt(uri, { url: 'http://127.0.0.1:1/' }, options)
  expect(refused).toMatchObject({ outcome: 'failed', result: { status: -1 } })
  const post = await attempt(uri, { url, method: 'POST', body: 'x' }, options)
  expect(post.result.msg).toContain('curl is not on this host')
})
