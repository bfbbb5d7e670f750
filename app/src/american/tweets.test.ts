import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { dataFile } from '../testing/model-dir.ts'
import { parseCsv } from './csv.ts'
import { parseTweets } from './tweets.ts'

const parse = (text: string | Buffer) => parseTweets(Buffer.from(text), 'tweets.csv')

test('every row of the training data is read, and no country or text is taken for a missing value', () => {
  const bytes = readFileSync(dataFile('american/train.csv'))
  const { texts, labels } = parseTweets(bytes, 'train.csv')
  expect([texts.length, labels.filter(label => label === 1).length]).toEqual([3000, 1650])
  expect(parseCsv(bytes).rows.filter(row => row.cells[1] === 'NA')).toHaveLength(29)
  expect(texts.filter(text => ['NA', 'null', 'nan'].includes(text)).length).toBeGreaterThan(0)
})

test('cells may hold commas, quotes and line ends; columns may come in any order, and further ones', () => {
  const text = '\ufeffid,country_code,text\r\n1,US,"a, ""b""\r\nc\nd"\r\n\r\n2,NA,\r\n'
  expect(parse(text)).toEqual({ texts: ['a, "b"\r\nc\nd', ''], labels: [1, 0] })
  expect(parse('text,country_code\nlast line without an end,GB')).toEqual({
    texts: ['last line without an end'],
    labels: [0],
  })
})

test.each([
  ['', 'tweets.csv has no rows'],
  ['text,country_code\n', 'tweets.csv has no rows'],
  [
    'tweet,country\nx,US\n',
    'tweets.csv:1: there is no column text: the header is tweet,country\ntweets.csv:1: there is no column country_code: the header is tweet,country',
  ],
  ['text,country_code,text\n', 'tweets.csv:1: there are two columns text'],
  [
    'text,country_code\na,US\nb\nc,us\n',
    'tweets.csv:3: 1 columns, the header has 2\ntweets.csv:4: country_code must be two capital letters, not "us"',
  ],
  ['text,country_code\na,\n', 'tweets.csv:2: country_code must be two capital letters, not ""'],
  ['text,country_code\n"a\nb,US\n', 'tweets.csv:2:1: the quote that opens here is never closed'],
  [
    'text,country_code\n"a\nb"x,US\nc,GB\nd"e,US\n',
    'tweets.csv:3:3: there is "x" behind the closing quote\ntweets.csv:5:2: a cell with a quote in it must be quoted itself',
  ],
  [Buffer.from('text,country_code\nok,US\n\xff,US\n', 'latin1'), 'tweets.csv:3: this is no UTF-8'],
  [`text,country_code\n${'x,USA\n'.repeat(25)}`, 'not "USA"\nand 5 more'],
])('%# a bad file is refused with the place of every fault', (text, message) => {
  expect(() => parse(text)).toThrow(message)
})
