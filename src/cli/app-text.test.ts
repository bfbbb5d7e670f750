import { expect, test } from 'vitest'
import { appText } from './app-text.ts'

const app = { url: 'http://host:5100', ready: true, latencyMs: 7 }
const diabetes = { id: 'a7eacaa3ee1e', accuracy: 71.89542651176453, date: '2026-01-02T03:04:05.000Z' }
const american = { id: '6541f7fec4b8', accuracy: null }

test('an application is shown with its queue, its dead jobs and its models', () => {
  const models = { diabetes, american, other: null }
  const queue = { messages: 3, consumers: 2 }
  expect(
    appText({ ...app, version: '1.2.3', queue, dead: 1, model: diabetes, models }),
  ).toBe(`http://host:5100  ready in 7 ms
  queue: 3 waiting, 2 consumers
  put aside: 1 job that nobody could answer
  model diabetes: a7eacaa3ee1e, accuracy 71.89542651176453, of 2026-01-02T03:04:05.000Z
  model american: 6541f7fec4b8
  version: 1.2.3
`)
})

test('one of an older version, and one that does not answer, are shown with what they say', () => {
  expect(appText({ ...app, model: diabetes, queue: null })).toBe(
    'http://host:5100  ready in 7 ms\n  model: a7eacaa3ee1e, accuracy 71.89542651176453, of 2026-01-02T03:04:05.000Z\n',
  )
  expect(appText({ ...app, ready: false, latencyMs: undefined, problem: '/readyz answers 503', dead: 0 })).toBe(
    'http://host:5100  NOT READY (/readyz answers 503)\n',
  )
})
