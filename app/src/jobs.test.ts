import { expect, test } from 'vitest'
import { decodeJob, encode, type Job } from './jobs.ts'

test.each<Job>([
  { kind: 'score-table' },
  { kind: 'describe', model: 'american' },
  { kind: 'predict-rows', rows: [[1, 2.5], []] },
  { kind: 'predict-texts', texts: ['', '\ud83d"\n'] },
])('a job comes out of the queue as it went in: %j', job => {
  expect(decodeJob(encode(job))).toEqual(job)
})

test('what a web of an older version asks is still understood', () => {
  expect(decodeJob(Buffer.from('{"kind":"describe"}'))).toEqual({ kind: 'describe', model: 'diabetes' })
})

test.each([
  '',
  '{',
  'null',
  '7',
  '[]',
  '{}',
  '{"kind":"erase"}',
  '{"kind":"predict-rows"}',
  '{"kind":"predict-rows","rows":[["1"]]}',
  '{"kind":"predict-rows","rows":[[null]]}',
  '{"kind":"predict-rows","rows":[[1e999]]}',
  '{"kind":"predict-texts","texts":"one"}',
  '{"kind":"predict-texts","texts":[1]}',
])('%j is no job', text => {
  expect(decodeJob(Buffer.from(text))).toBeUndefined()
})
