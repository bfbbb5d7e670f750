import { expect, test } from 'vitest'
import { decode, encode } from './codec.ts'

test.each([
  ['utf-8', 'aé€', '61c3a9e282ac'],
  ['UTF8', 'é', 'c3a9'],
  ['utf-8-sig', 'a', 'efbbbf61'],
  ['utf-16', 'a€', 'fffe6100ac20'],
  ['utf_16_be', 'a€', '006120ac'],
  ['latin-1', 'é', 'e9'],
  ['iso-8859-15', '€', 'a4'],
  ['cp1252', '€', '80'],
  ['windows-1251', 'Ж', 'c6'],
  ['koi8-r', 'Ж', 'f6'],
])('%s has the bytes that Python gives', (encoding, text, hex) => {
  expect(encode(text, encoding).toString('hex')).toBe(hex)
  expect(decode(Buffer.from(hex, 'hex'), encoding)).toBe(text)
})

test('a character that an encoding does not have, and an encoding that there is not, are errors', () => {
  expect(() => encode('€', 'latin-1')).toThrow("'latin-1' codec can't encode character '€'")
  expect(() => encode('é', 'ascii')).toThrow("codec can't encode")
  expect(() => encode('x', 'klingon')).toThrow('unknown encoding: klingon')
  expect(() => encode('x', 'shift-jis')).toThrow('unknown encoding')
})
