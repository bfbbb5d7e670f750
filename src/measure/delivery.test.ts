import { expect, test } from 'vitest'
import { deliveryPercentiles, deliveryTimes, watchPush } from './delivery.ts'
import type { Sample } from './prober.ts'

const [before, after] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb']

/** What a push prints, as it comes: texts and the moment of each. */
const said: readonly [number, string][] = [
  [900, 'Accuracy: 70.0\nModel cccccccccccc in /srv/model\nSaved model to '],
  [1000, 'disk\n'],
  [1100, 'remote: Master ref received.  Deploying master branch to production...        \n'],
  [1500, 'remote: ok      metric: fine        \nremote: accep'],
  [1510, `ted ${after}        \n`],
  [1800, `remote: diabetes ${after} is live on 2 workers after 0.21 s (before: ${before}).        \n`],
]

function pushed(parts = said) {
  const watch = watchPush(100)
  for (const [at, text] of parts) watch.said(text, at)
  return watch.moments()
}

const answer = (received: number, version: string): Sample => ({
  due: received - 4,
  ms: 4,
  failure: undefined,
  version,
})

test('the steps of a push are read from what it prints, also when a line comes in parts', () => {
  expect(pushed()).toEqual({ started: 100, trained: 900, received: 1100, judged: 1510, live: 1800, id: after })
})

test('users get the new release from one moment on and the old one until another', () => {
  const samples = [
    answer(90, after),
    answer(1550, before),
    answer(1600, after),
    answer(1640, before),
    answer(1700, after),
  ]
  const times = deliveryTimes(pushed(), [...samples, answer(2500, before)], 2400)
  expect(times).toEqual({
    id: after,
    train: 800,
    push: 200,
    gate: 410,
    switch: 290,
    firstNew: 90,
    lastOld: 130,
    beyondGate: 490,
  })
})

test('a push that is refused has no times', () => {
  expect(deliveryTimes(pushed(said.slice(0, 3)), [], 2000)).toBeUndefined()
})

test('a step that nobody saw is left out of the percentiles', () => {
  const times = deliveryTimes(pushed(), [], 2000)
  if (times === undefined) throw new Error('the push went live')
  expect(times.firstNew).toBeUndefined()
  const all = deliveryPercentiles([times, { ...times, gate: 210, firstNew: 50 }])
  expect([all.gate.p50, all.gate.p99, all.firstNew.max]).toEqual([210, 410, 50])
})
