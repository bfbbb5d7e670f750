import { expect, test } from 'vitest'
import { pairs, shareOf } from './statistics.ts'

test('the interval of five right answers in seven is as wide as the books say', () => {
  const { low, high } = shareOf(5, 7)
  // Wilson's formula, worked out by hand with z = 1.95996
  expect(low).toBeCloseTo(35.893, 3)
  expect(high).toBeCloseTo(91.778, 3)
})

test('the interval stays between 0 and 100 for no and for all right answers', () => {
  expect(shareOf(0, 10).low).toBe(0)
  expect(shareOf(10, 10).high).toBeCloseTo(100, 10)
  expect(shareOf(0, 0)).toMatchObject({ low: 0, high: 100 })
})

test('only the rows on which two models differ count, and only those that one has right', () => {
  const labels = [1, 1, 0, 0, 1]
  const old = [1, 1, 0, 1, 0]
  const fresh = [1, 0, 1, 1, 1]
  expect(pairs(labels, old, fresh)).toMatchObject({ lost: 2, won: 1, chance: 0.5 })
})

test.each([
  // lost, won, the tail of the binomial distribution: sum of C(n, i) / 2^n from `lost` to n
  [0, 0, 1],
  [1, 0, 0.5],
  [5, 0, 1 / 32],
  [8, 2, 56 / 1024],
  [10, 10, 0.5880985260009766],
])('%i rows lost and %i won have the chance %f', (lost, won, chance) => {
  const labels = Array.from({ length: lost + won }, () => 1)
  const old = labels.map((_, row) => Number(row < lost))
  expect(
    pairs(
      labels,
      old,
      old.map(label => 1 - label),
    ).chance,
  ).toBeCloseTo(chance, 12)
})

test('thousands of rows neither overflow nor underflow', () => {
  const labels = Array.from({ length: 4000 }, () => 1)
  const old = labels.map((_, row) => Number(row < 2000))
  const { chance } = pairs(
    labels,
    old,
    old.map(label => 1 - label),
  )
  expect(chance).toBeGreaterThan(0.5)
  expect(chance).toBeLessThan(0.51)
})
