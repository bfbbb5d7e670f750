import { expect, test } from 'vitest'
import { complaints, endedStages } from './boot-status.ts'

test('a status file says how long each stage took that has ended', () => {
  const text = JSON.stringify({
    v1: {
      stage: 'modules-final',
      'init-local': { start: 10, finished: 10.5, errors: [] },
      init: { start: 11, finished: 13, errors: [] },
      'modules-config': { start: null, finished: null },
      'modules-final': { start: 15, finished: null, errors: [] },
    },
  })
  expect([...endedStages(text)]).toEqual([
    ['init-local', 0.5],
    ['init', 2],
  ])
})

test.each(['', '{', '[]', 'null'])('%j tells of no stage', text => {
  expect(endedStages(text).size).toBe(0)
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
