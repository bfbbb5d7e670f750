import { expect, test } from 'vitest'
import { pythonJson } from './result-json.ts'
import { table } from './table.ts'
import { clean, displayWidth, duration, pad, truncate } from './text.ts'

test.each([
  ['plain äöü 漢字\n\tnext', 'plain äöü 漢字\n\tnext'],
  ['\x1b[1;31mred\x1b[0m', 'red'],
  ['\x1b]8;;http://x\x1b\\link\x1b]8;;\x07', 'link'],
  ['\x1bcreset \x1b(B\x9b2Jx', 'reset x'],
  ['50 %\r100 %\r\nbell\x07', '50 %100 %\nbell'],
  ['\u202eesrever', 'esrever'],
])('%j is shown as %j', (text, shown) => {
  expect(clean(text)).toBe(shown)
})

test('wide characters count two columns and combining ones none', () => {
  expect(['abc', 'é', 'e\u0301', '漢字', '🚀', ''].map(displayWidth)).toEqual([3, 1, 1, 4, 2, 0])
  expect(truncate('漢字漢字', 5)).toBe('漢字…')
  expect(truncate('short', 5)).toBe('short')
  expect(pad('漢', 4)).toBe('漢  ')
})

test.each([
  [0, '0.0 s'],
  [12_345, '12.3 s'],
  [59_949, '59.9 s'],
  [59_960, '1 min 00 s'],
  [125_000, '2 min 05 s'],
  [3_720_000, '1 h 02 min'],
])('%i ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text)
})

test.each([
  [{ b: 1, a: [true, null, 1.5] }, '{"a": [true, null, 1.5], "b": 1}'],
  [{ text: 'é "q" \n\x1b\u2028' }, '{"text": "é \\"q\\" \\n\\u001b\u2028"}'],
  [[], '[]'],
  [{}, '{}'],
  [1e-7, '1e-07'],
  [2n ** 64n, '18446744073709551616'],
  [new Map<unknown, unknown>([[80, 'http']]), '{"80": "http"}'],
  [{ f: { toJSON: () => 3 } }, '{"f": 3.0}'],
  [{ gone: undefined }, '{}'],
])('Python writes data as it does (case %#)', (value, text) => {
  expect(pythonJson(value)).toBe(text)
})

test('indented JSON is that of Python', () => {
  expect(pythonJson({ a: [1, {}], b: {} }, 4)).toBe(`{
    "a": [
        1,
        {}
    ],
    "b": {}
}`)
})

test('a table is aligned, also with wide characters, colours and missing cells', () => {
  const columns = [{ title: 'SERVER' }, { title: 'AGE', right: true }, { title: 'STATE' }]
  const rows = [['prodserver', '5 min', '\x1b[32mup\x1b[39m'], ['漢字', '12 min', 'down'], ['x']]
  expect(table(columns, rows)).toBe(`SERVER         AGE  STATE
prodserver   5 min  \x1b[32mup\x1b[39m
漢字        12 min  down
x
`)
})
