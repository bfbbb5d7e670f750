import { expect, test } from 'vitest'
import { arrivalOf } from './arrival.ts'
import type { Sample } from './prober.ts'

const answer = (due: number, version: string): Sample => ({ due, ms: 10, failure: undefined, version })
const refused = (due: number): Sample => ({ due, ms: 1, failure: 'refused', version: undefined })

test('an arrival tells the first answer of the new release, the last of the old one, and how long nobody answered', () => {
  const samples = [
    answer(0, '1'),
    answer(100, '1'),
    answer(200, '1'),
    refused(300),
    refused(400),
    answer(500, '2'),
    answer(600, '1'),
    answer(700, '2'),
  ]
  expect(arrivalOf(samples, { began: 150, ended: 350 })).toEqual({
    before: ['1'],
    after: ['2'],
    commandMs: 200,
    firstNewMs: 360,
    lastOldMs: 460,
    awayMs: 200,
  })
})

test('an answer that was received after the command began is new although it was asked for before', () => {
  const samples = [answer(0, '1'), { ...answer(100, '2'), ms: 500 }]
  expect(arrivalOf(samples, { began: 200, ended: 300 })).toMatchObject({
    firstNewMs: 400,
    lastOldMs: undefined,
    awayMs: 0,
  })
})

test('without another release there is no arrival', () => {
  expect(arrivalOf([answer(0, '1'), answer(100, '1')], { began: 50, ended: 60 })).toBeUndefined()
})
