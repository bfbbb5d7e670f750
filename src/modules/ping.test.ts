import { expect, test } from 'vitest'
import { ping } from './ping.ts'
import { attempt, step } from './step.ts'

test('a host that answers is ok, in check mode too', async () => {
  expect(await step(ping, {})).toBe('ok')
  expect(await step(ping, {}, { check: true })).toBe('ok')
})

test('the data comes back whole', async () => {
  const data = `it's "$HOME"\n-n * \\t ü`
  expect(await attempt(ping, { data })).toEqual({ outcome: 'ok', result: { changed: false, ping: data } })
})

test('`crash` fails', async () => {
  expect(await attempt(ping, { data: 'crash' })).toMatchObject({ outcome: 'failed', result: { msg: 'boom' } })
})
