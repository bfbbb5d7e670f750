import { expect, test } from 'vitest'
import { Pool } from './pool.ts'

test('a pool never works on more than its size at once, and does everything', async () => {
  const pool = new Pool(3)
  let busy = 0
  let most = 0
  const done: number[] = []
  await pool.each(
    Array.from({ length: 20 }, (_, i) => i),
    async item => {
      most = Math.max(most, ++busy)
      await Promise.resolve()
      await Promise.resolve()
      busy--
      done.push(item)
    },
  )
  expect(most).toBe(3)
  expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i))
})

test('an error is thrown after the others have ended', async () => {
  const ended: number[] = []
  const work = async (item: number) => {
    await Promise.resolve()
    if (item === 0) throw new Error('zero')
    ended.push(item)
  }
  await expect(new Pool(2).each([0, 1, 2, 3], work)).rejects.toThrow('zero')
  expect(ended).toEqual([1, 2, 3])
})

test('those who share a limit under a name keep it together, and others are not held up', async () => {
  const pool = new Pool(10)
  const busy = new Map<string, number>()
  let most = 0
  let others = 0
  const work = (name: string) => async () => {
    const now = (busy.get(name) ?? 0) + 1
    busy.set(name, now)
    if (name === 'narrow') most = Math.max(most, now)
    else others = Math.max(others, now)
    for (let i = 0; i < 5; i++) await Promise.resolve()
    busy.set(name, (busy.get(name) ?? 0) - 1)
  }
  await Promise.all([
    ...[1, 2, 3, 4].map(item => pool.limited('narrow', 2, [item], work('narrow'))),
    ...[1, 2, 3, 4].map(item => pool.limited('wide', 0, [item], work('wide'))),
  ])
  expect([most, others]).toEqual([2, 4])
})
