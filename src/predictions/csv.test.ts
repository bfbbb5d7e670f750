import { expect, test } from 'vitest'
import { readCsv } from './csv.ts'

const texts = (text: string) => readCsv(text).rows.map(row => row.map(cell => cell.text))

test.each<[string, string[][]]>([
  ['', []],
  [
    'a,b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'a,b\r\n1,2',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'a,\n,b',
    [
      ['a', ''],
      ['', 'b'],
    ],
  ],
  ['a,"b ""c"", d"\n', [['a', 'b "c", d']]],
  [
    '"two\nlines",x\ny,z\n',
    [
      ['two\nlines', 'x'],
      ['y', 'z'],
    ],
  ],
  ['\n\na\n\n', [['a']]],
  ['"",""\n', [['', '']]],
  ['a\rb,c', [['a\rb', 'c']]],
  ['it\'s 5" wide,NA', [['it\'s 5" wide', 'NA']]],
])('%j is %j', (text, rows) => {
  expect(readCsv(text).problems).toEqual([])
  expect(texts(text)).toEqual(rows)
})

test('cells know their places, also behind a cell of two lines', () => {
  const { rows } = readCsv('text,code\n"one\ntwo",US\nthree,"GB"')
  expect(rows.flat().map(({ line, column }) => `${line}:${column}`)).toEqual(['1:1', '1:6', '2:1', '3:6', '4:1', '4:7'])
})

test('quotes that are wrong are told with their places, and reading ends', () => {
  expect(readCsv('a,"b"c\nd,"e').problems).toEqual([
    { line: 1, column: 6, message: 'something stands behind the closing quote' },
    { line: 2, column: 3, message: 'the quote that opens here is never closed' },
  ])
})
