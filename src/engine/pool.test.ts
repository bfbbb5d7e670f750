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
