import { expect, test } from 'vitest'
import { pause } from './pause.ts'
import { setStats } from './set-stats.ts'
import { attempt } from './step.ts'

test('a pause says how long it was', async () => {
  expect((await attempt(pause, { seconds: 0 })).result).toMatchObject({
    changed: false,
    stdout: 'Paused for 0 seconds',
  })
  expect((await attempt(pause, { minutes: 0, prompt: 'Wait' })).result).toMatchObject({
    prompt: 'Wait',
    user_input: '',
  })
})

test('a pause without an end is refused, as nobody is asked', async () => {
  expect((await attempt(pause, { prompt: 'Sure?' })).outcome).toBe('failed')
})

test('numbers are registered', async () => {
  expect((await attempt(setStats, { data: { packages: 3 } })).result).toEqual({
    changed: false,
    ansible_stats: { data: { packages: 3 }, per_host: false, aggregate: true },
  })
})
