import { expect, test } from 'vitest'
import { Secrets } from './mask.ts'

test('secrets are hidden wherever they stand', () => {
  const secrets = new Secrets()
  secrets.add('hunter2-long')
  secrets.add('abc')
  const value = { cmd: 'login hunter2-long', list: ['x', 'hunter2-long'], nested: { n: 1, s: 'abc' } }
  expect(secrets.hide(value)).toEqual({ cmd: 'login ********', list: ['x', '********'], nested: { n: 1, s: 'abc' } })
  expect(value.cmd).toBe('login hunter2-long')
})
