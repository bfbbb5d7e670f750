import { expect, test } from 'vitest'
import { Hidden } from './revealed.ts'

test('the longest secret is hidden first, so that no end of it is left', () => {
  const hidden = new Hidden()
  hidden.add(['hunter', 'hunter-and-more'])
  expect(hidden.hide('hunter-and-more, hunter')).toBe('********, ********')
})

test('texts of fewer than four characters and templates are left alone', () => {
  const hidden = new Hidden()
  hidden.add({ a: 'abc', b: '{{ other }}', c: 5 })
  expect(hidden.hide('abc {{ other }} 5')).toBe('abc {{ other }} 5')
})

test('each line of a key is hidden, as diffs show lines', () => {
  const hidden = new Hidden()
  hidden.add('-----BEGIN-----\nMIIEvQIBADANBg\n-----END-----\n')
  expect(hidden.hide('+  MIIEvQIBADANBg')).toBe('+  ********')
})

test('characters that mean something in patterns are taken as they are', () => {
  const hidden = new Hidden()
  hidden.add('a.c+(d)$')
  expect(hidden.hide('a.c+(d)$ abc+(d)$')).toBe('******** abc+(d)$')
})
