import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder } from '../rig/mlops.ts'
import { type Exchange, save } from './exchange.ts'
import { startReplay } from './replay.ts'
import { makeStable } from './stable.ts'

const key = `ssh-ed25519 AAAA${'B'.repeat(64)}`
const id = '6f1c2e52-07a5-4b8e-9d7e-2a4f8c1b9e10'
const heard: readonly Exchange[] = [
  said('POST', '/identity/v3/auth/tokens', { request: '{"password":"hidden"}', token: `gAAAAA${'x'.repeat(80)}` }),
  said('GET', '/compute/servers', { answer: '{"servers":[]}' }),
  said('POST', '/compute/servers', {
    request: `{"key":"${key}","at":"2026-01-02T03:04:05Z"}`,
    answer: `{"id":"${id}","again":"${id}","key":"${key}"}`,
  }),
  said('GET', '/compute/servers', { answer: `{"servers":["${id}"],"state":"BUILD"}` }),
  said('GET', '/compute/servers', { answer: `{"servers":["${id}"],"state":"BUILD"}` }),
  said('GET', '/compute/servers', { answer: `{"servers":["${id}"],"state":"ACTIVE"}` }),
  said('DELETE', `/compute/servers/${id}`),
]

test('a recording holds no secret, one name for one value, and no poll that says nothing new', () => {
  const kept = makeStable(heard, ['hidden'])
  const text = JSON.stringify(kept)
  for (const secret of ['hidden', 'xxxxx', 'BBBBB', id]) expect(text).not.toContain(secret)
  expect(kept).toHaveLength(heard.length - 1)
  expect(kept[2]).toMatchObject({
    request: '{"key":"ssh-ed25519 <public-key 1>","at":"<time 0>"}',
    answer:
      '{"id":"00000000-0000-4000-8000-000000000001","again":"00000000-0000-4000-8000-000000000001","key":"ssh-ed25519 <public-key 1>"}',
  })
})

test('a replay answers what was true after as many changes, with what the client says now', async () => {
  const { ask, replay } = await replayed()
  const [, given] = await ask('POST', '/identity/v3/auth/tokens', '{"password":"any"}')
  const state = async () => (await ask('GET', '/compute/servers', undefined, given))[0]
  expect([await state(), await state()]).toEqual(['{"servers":[]}', '{"servers":[]}'])
  const mine = `ssh-ed25519 AAAA${'C'.repeat(64)}`
  const [made] = await ask('POST', '/compute/servers', `{"key":"${mine}","at":"2027-01-01T00:00:00Z"}`, given)
  expect(JSON.parse(made)).toMatchObject({ key: mine })
  expect([await state(), await state(), await state()].map(text => JSON.parse(text).state)).toEqual([
    'BUILD',
    'ACTIVE',
    'ACTIVE',
  ])
  await ask('DELETE', `/compute/servers/${JSON.parse(made).id}`, undefined, given)
  expect(replay.differences()).toEqual([])
  await replay.close()
})

test('a replay tells which requests differ from those recorded, in path or body, are doubled, missing, or without a token', async () => {
  const { ask, replay } = await replayed()
  const [, given] = await ask('POST', '/identity/v3/auth/tokens', '{"password":"any"}')
  await ask('POST', '/compute/servers', `{"key":"${key}","at":"2026-01-02T03:04:05Z","more":1}`, given)
  await ask('POST', '/compute/servers', `{"key":"${key}","at":"2026-01-02T03:04:05Z"}`, given)
  await ask('POST', '/compute/servers', `{"key":"${key}","at":"2026-01-02T03:04:05Z"}`, given)
  await ask('GET', '/compute/servers/detail', undefined, given)
  await ask('GET', '/compute/servers', undefined, 'another')
  expect(replay.differences().map(text => text.split(' ').slice(0, 4).join(' ').replace(/\{.*/, ''))).toEqual([
    'not recorded: POST /compute/servers',
    'not recorded: POST /compute/servers',
    'not recorded: GET /compute/servers/detail',
    'without a token: GET',
    'not asked: DELETE /compute/servers/00000000-0000-4000-8000-000000000001',
  ])
  await replay.close()
})

function said(
  method: string,
  path: string,
  { request, answer = '', token }: { request?: string; answer?: string; token?: string } = {},
): Exchange {
  return {
    ...{ method, path, ...(request !== undefined && { request }) },
    ...{ status: 200, headers: token === undefined ? {} : { 'x-subject-token': token }, answer },
  }
}

async function replayed() {
  const file = join(folder({}), 'heard.json')
  save(file, makeStable(heard, ['hidden']))
  const replay = await startReplay(file)
  const origin = new URL(replay.authUrl).origin
  /** What comes back, and the token when one does. */
  const ask = async (method: string, path: string, body?: string, token = ''): Promise<[string, string]> => {
    const headers = { 'X-Auth-Token': token }
    const answer = await fetch(`${origin}${path}`, { method, headers, ...(body !== undefined && { body }) })
    return [await answer.text(), answer.headers.get('x-subject-token') ?? '']
  }
  return { ask, replay }
}
