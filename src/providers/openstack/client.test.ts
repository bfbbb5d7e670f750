import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { explain, MlopsError } from '../../errors.ts'
import { CloudClient } from './client.ts'
import { cloudAt, smallCloud } from './small-cloud.rig.ts'

const retries = { tries: 4, firstPauseMs: 1 }

async function refusal(act: Promise<unknown>): Promise<string> {
  try {
    await act
  } catch (error) {
    if (error instanceof MlopsError) return explain(error)
    throw error
  }
  return 'accepted'
}

test('the catalogue decides the addresses, and versions are added where it has none', async () => {
  const { cloud, asked, tokens } = await smallCloud(() => ({ status: 200, body: {} }))
  const client = new CloudClient(cloud, { retries })
  await Promise.all([
    client.get('compute', '/servers/1'),
    client.get('network', '/ports'),
    client.get('image', '/images'),
  ])
  expect(asked.map(({ path }) => path).sort()).toEqual([
    '/compute/v2.1/servers/1',
    '/image/v2/images',
    '/network/v2.0/ports',
  ])
  expect(tokens()).toBe(1)
})

test('a token that the cloud no longer takes is renewed once', async () => {
  const { cloud, asked, tokens } = await smallCloud(({ token }) =>
    token === 'token-1' ? { status: 401, body: unauthorized } : { status: 200, body: { ok: true } },
  )
  const client = new CloudClient(cloud, { retries })
  expect(await client.get('compute', '/x')).toEqual({ ok: true })
  expect(asked.map(({ token }) => token)).toEqual(['token-1', 'token-2'])
  expect(tokens()).toBe(2)
  const strict = await smallCloud(() => ({ status: 401, body: unauthorized }))
  expect(await refusal(new CloudClient(strict.cloud, { retries }).get('compute', '/x'))).toMatch(
    /^error: the cloud does not let us in: The request you have made requires authentication\./,
  )
  expect(strict.tokens()).toBe(2)
})

test('a token is renewed before it ends', async () => {
  const { cloud, tokens } = await smallCloud(() => ({ status: 200, body: {} }), { lifetimeMs: 0 })
  const client = new CloudClient(cloud, { retries })
  await client.get('compute', '/x')
  const before = Date.now()
  while (Date.now() === before);
  await client.get('compute', '/x')
  expect(tokens()).toBe(2)
})

test('faults of the cloud, broken lines and limits are waited out', async () => {
  const replies = [
    { status: 503 },
    { status: 'cut' as const },
    { status: 429, headers: { 'Retry-After': '0' } },
    { status: 200, body: { ok: true } },
  ]
  const { cloud, asked } = await smallCloud((_, count) => replies[count - 1] ?? { status: 500 })
  expect(await new CloudClient(cloud, { retries }).get('compute', '/x')).toEqual({ ok: true })
  expect(asked.length).toBe(4)
})

test('what must not happen twice is not sent twice', async () => {
  const { cloud, asked } = await smallCloud(() => ({ status: 503, body: { computeFault: { message: 'down' } } }))
  const client = new CloudClient(cloud, { retries })
  expect(await refusal(client.post('compute', '/servers', {}))).toMatch(
    /^error: the cloud has a fault of its own: down\n/,
  )
  expect(asked.length).toBe(1)
  const limited = await smallCloud((_, count) => (count === 1 ? { status: 429 } : { status: 202, body: { id: 1 } }))
  expect(await new CloudClient(limited.cloud, { retries }).post('compute', '/servers', {})).toEqual({ id: 1 })
})

test('before a thing is made again after a broken line, it is looked for', async () => {
  const { cloud, asked } = await smallCloud(({ method }) =>
    method === 'POST' ? { status: 'cut' } : { status: 200, body: { id: 'there' } },
  )
  const client = new CloudClient(cloud, { retries })
  const found = await client.once(
    () => client.get('compute', '/found'),
    () => client.post('compute', '/servers', {}),
  )
  expect(found).toEqual({ id: 'there' })
  expect(asked.map(({ method }) => method)).toEqual(['POST', 'GET'])
})

test('what is still not there after a while is asked for again, and not for ever', async () => {
  const { cloud, asked } = await smallCloud(({ method }) =>
    method === 'POST' ? { status: 502 } : { status: 200, body: {} },
  )
  const client = new CloudClient(cloud, { retries })
  const make = client.once(
    async () => void (await client.get('compute', '/found')),
    async () => void (await client.post('compute', '/servers', {})),
  )
  expect(await refusal(make)).toMatch(/^error: the cloud has a fault of its own: status 502\n/)
  const one = ['POST', 'GET', 'GET', 'GET', 'GET']
  expect(asked.map(({ method }) => method)).toEqual([...one, ...one, 'POST'])
})

test('a list is read over all of its pages, whatever address the service gives itself', async () => {
  const { cloud, asked } = await smallCloud(({ path }) => {
    if (path === '/compute/v2.1/servers/detail') {
      const href = 'http://inside.example/v2.1/project-1/servers/detail?marker=2'
      return { status: 200, body: { servers: [1, 2], servers_links: [{ rel: 'next', href }] } }
    }
    if (path === '/image/v2/images?limit=1')
      return { status: 200, body: { images: [1], next: '/v2/images?limit=1&marker=1' } }
    return { status: 200, body: path.includes('image') ? { images: [2] } : { servers: [3] } }
  })
  const client = new CloudClient(cloud, { retries })
  expect(await client.list('compute', '/servers/detail', 'servers')).toEqual([1, 2, 3])
  expect(await client.list('image', '/images?limit=1', 'images')).toEqual([1, 2])
  expect(asked.at(-1)?.path).toBe('/image/v2/images?limit=1&marker=1')
})

test('a thing that is gone already is deleted as well', async () => {
  const { cloud } = await smallCloud(() => ({ status: 404, body: { itemNotFound: { code: 404, message: 'gone' } } }))
  expect(await new CloudClient(cloud, { retries }).delete('compute', '/servers/1')).toBe(undefined)
})

test('a wrong password is told with all that it may be, and never shown', async () => {
  const { cloud } = await smallCloud(() => ({ status: 200 }), { status: 401 })
  const text = await refusal(new CloudClient(cloud, { retries }).get('compute', '/x'))
  expect(text).toBe(
    `error: the cloud does not let demo into project demo
hint: the password is wrong, or one of user, project and their domains (Default), or demo has no role in the project; the cloud does not say which`,
  )
})

test('a region or a service that the catalogue has not is told', async () => {
  const { cloud } = await smallCloud(() => ({ status: 200, body: {} }))
  expect(await refusal(new CloudClient({ ...cloud, region: 'RegionTwo' }, { retries }).session())).toBe(
    'error: the cloud has no region RegionTwo\nhint: did you mean `RegionOne`?',
  )
  expect(await refusal(new CloudClient({ ...cloud, interface: 'admin' }, { retries }).session())).toMatch(
    /^error: the cloud offers no compute service \(admin, RegionOne\)\n/,
  )
})

test('a cloud that nobody answers for cannot be reached, and an interrupt ends the waiting', async () => {
  const nobody = cloudAt('http://127.0.0.1:1/v3')
  expect(await refusal(new CloudClient(nobody, { retries }).session())).toMatch(
    /^error: http:\/\/127\.0\.0\.1:1 cannot be reached: /,
  )
  const { cloud } = await smallCloud(() => ({ status: 503, headers: { 'Retry-After': '50' } }))
  const interrupt = new AbortController()
  const client = new CloudClient(cloud, { retries }).until(interrupt.signal)
  const waiting = client.get('compute', '/x')
  interrupt.abort()
  await expect(waiting).rejects.toThrow(/abort/i)
})

test('a certificate counts when its authority was named, or when nobody wants to know', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-authority-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const caFile = join(folder, 'cert.pem')
  const what = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const names = ['-subj', '/CN=cloud', '-addext', 'subjectAltName=IP:127.0.0.1']
  spawnSync('openssl', [...what, ...names, '-keyout', join(folder, 'key.pem'), '-out', caFile])
  const tls = { key: readFileSync(join(folder, 'key.pem'), 'utf8'), cert: readFileSync(caFile, 'utf8') }
  const { cloud } = await smallCloud(() => ({ status: 200, body: { ok: true } }), { tls })
  const get = (more: Partial<typeof cloud>) => new CloudClient({ ...cloud, ...more }, { retries }).get('compute', '/x')
  expect(await get({ caFile })).toEqual({ ok: true })
  expect(await get({ insecure: true })).toEqual({ ok: true })
  expect(await refusal(get({}))).toMatch(
    /^error: the certificate of https:\/\/127\.0\.0\.1:\d+ is not trusted: .*\nhint: give the file of the authority that signed it as OS_CACERT/,
  )
  expect(() => new CloudClient({ ...cloud, caFile: join(folder, 'none') })).toThrow(/cannot be read$/)
})

const unauthorized = {
  error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
}
