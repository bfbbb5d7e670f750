import { expect, test } from 'vitest'
import { comparison, Stopwatch } from './provision.ts'

test('phases follow each other, and make up the whole', () => {
  let now = 500
  const watch = new Stopwatch('servers', () => now)
  now = 1500
  watch.mark('sshd answers')
  now = 3500
  watch.phase('play')
  now = 4000
  expect(watch.end()).toEqual({
    phases: [
      { name: 'servers', ms: 3000 },
      { name: 'play', ms: 500 },
    ],
    totalMs: 3500,
    marks: [{ at: 1000, what: 'sshd answers' }],
  })
})

test('a phase that one of them has not stays empty there', () => {
  const of = (...phases: [string, number][]) => ({
    phases: phases.map(([name, ms]) => ({ name, ms })),
    totalMs: phases.reduce((sum, [, ms]) => sum + ms, 0),
    marks: [],
  })
  const cold = of(['servers', 30_000], ['play', 60_000], ['play', 5000])
  expect(comparison({ cold, baked: of(['servers', 12_040], ['first prediction', 60]) })).toEqual({
    titles: ['SECONDS', 'COLD', 'BAKED'],
    rows: [
      ['servers', '30.0', '12.0'],
      ['play', '65.0', ''],
      ['first prediction', '', '0.1'],
      ['together', '95.0', '12.1'],
    ],
  })
})
