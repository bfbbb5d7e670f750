import { expect, test } from 'vitest'
import { batching } from './batch.ts'

/** Doubles numbers, and remembers what was done in one go. */
function doubling({
  max = 8,
  waitMs = 0,
  during,
}: {
  max?: number
  waitMs?: number
  during?: () => Promise<unknown>
} = {}) {
  const batches: number[][] = []
  const add = batching(
    { max, waitMs },
    (job: number) => (job >= 100 ? job : 1),
    async jobs => {
      batches.push([...jobs])
      await during?.()
      if (jobs.includes(13)) throw new Error('unlucky')
      return jobs.map(job => job * 2)
    },
  )
  return { add, batches }
}

test('jobs that are there at once are done in one go, each with its own result', async () => {
  const { add, batches } = doubling()
  expect(await Promise.all([1, 2, 3].map(add))).toEqual([2, 4, 6])
  expect(batches).toEqual([[1, 2, 3]])
})

test('no more than the limit is done in one go, in the order of coming', async () => {
  const { add, batches } = doubling({ max: 2 })
  expect(await Promise.all([1, 2, 3, 4, 5].map(add))).toEqual([2, 4, 6, 8, 10])
  expect(batches).toEqual([[1, 2], [3, 4], [5]])
})

test('a job that is larger than the limit is done alone', async () => {
  const { add, batches } = doubling({ max: 4 })
  await Promise.all([1, 100, 2, 3].map(add))
  expect(batches).toEqual([[1], [100], [2, 3]])
})

test('jobs that come during the work are gathered for the next go', async () => {
  let finish: (value?: unknown) => void = () => {}
  const slow = new Promise(resolve => {
    finish = resolve
  })
  const { add, batches } = doubling({ during: () => slow })
  const first = add(1)
  await expect.poll(() => batches).toEqual([[1]])
  const rest = [2, 3, 4].map(add)
  finish()
  expect(await Promise.all([first, ...rest])).toEqual([2, 4, 6, 8])
  expect(batches).toEqual([[1], [2, 3, 4]])
})

test('one that fails fails alone', async () => {
  const { add, batches } = doubling()
  const results = await Promise.allSettled([1, 13, 3].map(add))
  expect(results.map(each => (each.status === 'fulfilled' ? each.value : String(each.reason)))).toEqual([
    2,
    'Error: unlucky',
    6,
  ])
  expect(batches).toEqual([[1, 13, 3], [1], [13], [3]])
})

test('an idle worker waits for nobody, whatever the time limit is', async () => {
  const { add } = doubling({ waitMs: 1_000_000 })
  expect(await add(1)).toBe(2)
  // One job was all there was a moment ago: one is enough again.
  expect(await add(2)).toBe(4)
})

test('after many at once it waits for as many again, and not for longer than the limit', async () => {
  const { add, batches } = doubling({ waitMs: 1_000_000 })
  await Promise.all([1, 2, 3].map(add))
  const early = [add(4), add(5)]
  await new Promise(resolve => setImmediate(() => setImmediate(resolve)))
  expect(batches).toEqual([[1, 2, 3]])
  expect(await Promise.all([...early, add(6)])).toEqual([8, 10, 12])
  expect(batches).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ])
  const impatient = doubling({ waitMs: 20 })
  await Promise.all([1, 2, 3].map(impatient.add))
  expect(await impatient.add(4)).toBe(8)
})

test('a batch that gives too few results fails in words', async () => {
  const add = batching(
    { max: 8, waitMs: 0 },
    () => 1,
    async () => [],
  )
  await expect(add(1)).rejects.toThrow('a batch of 1 gave 0 results')
})
