import { expect, test } from 'vitest'
import type { Delivery } from './releases.ts'
import { lastLive } from './rollout.ts'

const entry = (server: string, from: string, to: string, result = 'live', what = 'deploy'): Delivery => ({
  ...{ server, what, model: '', from, to, result, who: 'anna', at: '2026-01-31T12:00:00Z', ms: 1 },
})

test('what went live last is undone, but not what was refused, renewed, or taken back on all servers already', () => {
  const before = [entry('one', 'a', 'b'), entry('two', 'a', 'b')]
  expect(lastLive([])).toBeUndefined()
  expect(lastLive([...before, entry('one', 'b', 'c', 'refused: it ended')])).toBe(before[1])
  expect(lastLive([...before, entry('one', 'b', 'b', 'new settings')])).toBe(before[1])
  const aborted = [
    entry('one', 'b', 'c'),
    entry('two', 'b', 'c', 'refused: it ended'),
    entry('one', 'c', 'b', 'taken back'),
  ]
  expect(lastLive([...before, ...aborted])).toBe(before[1])
  const model = entry('one', 'x', 'y', 'live', 'deliver')
  expect(lastLive([...before, model, ...aborted])).toBe(model)
})
