import { expect, test } from 'vitest'
import { complaints } from './await-server.ts'

test('complaints of cloud-init are its recoverable errors, each once', () => {
  const status = {
    status: 'done',
    recoverable_errors: { WARNING: ['old key', 'old key'], DEPRECATED: ['use homedir'] },
  }
  expect(complaints(JSON.stringify(status))).toEqual(['old key', 'use homedir'])
})

test.each(['', 'status: done', '[]', '{}', '{"recoverable_errors": null}'])('%j holds no complaint', text => {
  expect(complaints(text)).toEqual([])
})
