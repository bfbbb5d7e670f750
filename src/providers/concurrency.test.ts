import { expect, test } from 'vitest'
import { inOrder, pool, settle } from './concurrency.ts'

test('a pool never works on more than its limit', async () => {
  let running = 0
  let most = 0
  const done: number[] = []
  await pool([1, 2, 3, 4, 5], 2, async item => {
    most = Math.max(most, ++running)
    await Promise.resolve()
    running--
    done.push(item)
  })
  expect(most).toBe(2)
  expect(done.sort()).toEqual([1, 2, 3, 4, 5])
})

test('nothing is at work any more when a failure is thrown', async () => {
  let finished = false
  const slow = new Promise<void>(resolve => setImmediate(() => resolve())).then(() => {
    finished = true
  })
  await expect(settle([Promise.reject(new Error('first')), slow])).rejects.toThrow('first')
  expect(finished).toBe(true)
})

test('things come in the order of names, strangers last', () => {
  const things = [{ name: 'x' }, { name: 'b' }, { name: 'a' }]
  expect(inOrder(things, ['a', 'b']).map(thing => thing.name)).toEqual(['a', 'b', 'x'])
})
