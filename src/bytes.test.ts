import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { bytesOf, textOf } from './bytes.ts'

test.each([
  ['caf\u00e9 \u20ac \u{1f600}', 'caf\u00e9 \u20ac \u{1f600}'],
  [Buffer.from([0x63, 0xe9, 0x20]), 'c\udce9 '],
  [Buffer.from([0xff, 0xfe, 0x61, 0x00]), '\udcff\udcfea\0'],
  [Buffer.from('\u20ac').subarray(0, 2), '\udce2\udc82'],
  [Buffer.from([0xed, 0xb3, 0xa9]), '\udced\udcb3\udca9'],
])('%j as text is %j, and comes back', (from, text) => {
  const bytes = Buffer.from(from as string) // `Buffer.from` takes both; its overloads do not take the union
  expect(textOf(bytes)).toBe(text)
  expect(bytesOf(text)).toEqual(bytes)
})

test('any bytes come back', () => {
  for (let i = 0; i < 200; i++) {
    const bytes = Buffer.concat([randomBytes(i), Buffer.from('\u00e9\u{1f600}'), randomBytes(i)])
    expect(bytesOf(textOf(bytes))).toEqual(bytes)
  }
})
