import { expect, test } from 'vitest'
import { complaints, readBootStatus } from './boot-status.ts'

test('a status file says how long each stage took, and which have begun', () => {
  const text = JSON.stringify({
    v1: {
      stage: 'modules-final',
      'init-local': { start: 10, finished: 10.5, errors: [] },
      init: { start: 11, finished: 13, errors: [] },
      'modules-config': { start: 13, finished: 14, errors: ['locale failed'] },
      'modules-final': { start: 15, finished: null, errors: [] },
    },
  })
  const status = readBootStatus(text)
  expect([...(status ?? [])].map(([stage, each]) => [stage, each.seconds, each.hasBegun, each.errors])).toEqual([
    ['init-local', 0.5, true, []],
    ['init', 2, true, []],
    ['modules-config', 1, true, ['locale failed']],
    ['modules-final', undefined, true, []],
  ])
})

test.each(['', '{', '[]', 'null'])('%j is no status yet', text => {
  expect(readBootStatus(text)).toBeUndefined()
})

test('complaints are the recoverable errors, each once, without what the schema says', () => {
  const status = {
    recoverable_errors: {
      WARNING: ['no disk', 'no disk', "cloud-config failed schema validation! You may run 'sudo cloud-init schema'"],
      DEPRECATED: ['Deprecated cloud-config provided: apt_update: Deprecated in version 22.2.'],
    },
  }
  expect(complaints(JSON.stringify(status))).toEqual(['no disk'])
})

test.each(['', 'status: done', '[]', '{}', '{"recoverable_errors": null}'])('%j holds no complaint', text => {
  expect(complaints(text)).toEqual([])
})
