import { expect, test } from 'vitest'
import { complaints, unknownKeys } from './await-server.ts'

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

test('keys that cloud-init does not know are named, with the ones that are meant', () => {
  const text =
    "Error: Cloud config schema errors: byobu_default: Additional properties are not allowed ('byobu_default' was unexpected), " +
    "users.0: Additional properties are not allowed ('home', 'colour' were unexpected), users.0: {} is not of type 'array'\n"
  expect(unknownKeys(text)).toEqual([
    'it does not know the key byobu_default: byobu_by_default is meant',
    'it does not know the key home in users.0: homedir is meant',
    'it does not know the key colour in users.0',
  ])
  expect(unknownKeys('Valid schema user-data\n')).toEqual([])
})
