import { expect, test } from 'vitest'
import { warningsOfNone } from './scale-warnings.ts'

test('a number of 0 is warned of where somebody waits', () => {
  expect(warningsOfNone({ web: 0 })).toEqual(['web=0: nobody answers users until mlops scale web=1 or more'])
  expect(warningsOfNone({ worker: 0, web: 2 })).toEqual([
    'worker=0: web takes requests, but their jobs wait until mlops scale worker=1 or more',
  ])
  expect(warningsOfNone({ worker: 0, web: 0 })).toHaveLength(1)
  expect(warningsOfNone({ worker: 1, exporter: 0 })).toEqual([])
})
