import { expect, test } from 'vitest'
import type { Failure, Sample } from './prober.ts'
import { percentiles, summarise } from './summary.ts'

const sample = (due: number, failure?: Failure, version?: string): Sample => ({ due, ms: 5, failure, version })

test('a gap lasts from the first request that failed until the next that did not', () => {
  const samples = [
    sample(0),
    sample(10, 'refused'),
    sample(20),
    sample(30, 'timeout'),
    sample(40, 'HTTP 503'),
    sample(55),
  ]
  expect(summarise(samples)).toMatchObject({
    requests: 6,
    failed: 3,
    failures: { refused: 1, timeout: 1, 'HTTP 503': 1 },
    longestGap: { from: 30, ms: 25 },
  })
})

test('a gap that does not end lasts until the last answer', () => {
  expect(summarise([sample(0), sample(10, 'refused'), sample(20, 'refused')]).longestGap).toEqual({ from: 10, ms: 15 })
})

test('no failure is no gap, and nothing measured is nothing', () => {
  expect(summarise([sample(0), sample(1)]).longestGap).toBeUndefined()
  expect(summarise([])).toMatchObject({ requests: 0, longestGap: undefined, latency: { p50: 0, max: 0 } })
})

test('releases are told by their first and last answers, in their order', () => {
  const samples = [
    sample(0, undefined, 'a'),
    sample(10, undefined, 'b'),
    sample(20, undefined, 'a'),
    sample(30, undefined, 'b'),
  ]
  expect(summarise(samples).versions).toEqual([
    { version: 'a', answers: 2, first: 5, last: 25 },
    { version: 'b', answers: 2, first: 15, last: 35 },
  ])
})

test('percentiles are values that were measured', () => {
  expect(percentiles(Array.from({ length: 1000 }, (_, i) => i + 1))).toEqual({
    p50: 500,
    p90: 900,
    p99: 990,
    p999: 999,
    max: 1000,
  })
  expect(percentiles([7])).toEqual({ p50: 7, p90: 7, p99: 7, p999: 7, max: 7 })
})
