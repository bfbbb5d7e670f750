import { expect, test } from 'vitest'
import { freeBytes, isInstalled } from './controller.ts'

test('the disk of a path that is not here is unknown', () => {
  expect(freeBytes('/')).toBeGreaterThan(0)
  expect(freeBytes('/no/such/path')).toBeUndefined()
})

test('programs are looked for on the PATH', () => {
  expect(isInstalled('sh')).toBe(true)
  expect(isInstalled('no-such-program')).toBe(false)
})
