import { expect, test } from 'vitest'
import { escapeAt, literal, openEscapes } from './escapes.ts'

test.each([
  ['a\\nb\\t', 'a\nb\t'],
  ['\\x41\\u00e9\\U0001F600\\101', 'Aé😀A'],
  ['\\d\\.\\z', '\\d\\.\\z'],
  ['\\\\n', '\\n'],
  ['\\x4', '\\x4'],
  ['\\U00110000', '\\U00110000'],
])('%j stands for %j', (text, value) => {
  expect(literal(text)).toBe(value)
  expect(openEscapes(text)).toBe(value)
})

test('a backslash at the end of a line goes on with the next, in literals alone', () => {
  expect(literal('a\\\nb')).toBe('ab')
  expect(openEscapes('a\\\nb')).toBe('a\\\nb')
  expect(literal('a\\\\\nb')).toBe('a\\\nb')
})

test('an escape that breaks off stands for nothing', () => {
  expect(escapeAt('\\x41b', 0)).toEqual({ length: 4, value: 'A' })
  expect(escapeAt('\\xg', 0)).toEqual({ length: 2, value: undefined })
  expect(escapeAt('\\U00110000', 0)).toEqual({ length: 10, value: undefined })
  expect(escapeAt('\\d', 0)).toEqual({ length: 2, value: '\\d' })
})
