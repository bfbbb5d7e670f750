import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MlopsError, MlopsErrors } from '../errors.ts'
import { questionOf } from './question-of.ts'
import { readLabelled } from './questions.ts'

const data = (name: string) => readFileSync(join(import.meta.dirname, '../../app/data', name))
const read = (text: string, model?: 'american' | 'diabetes') => readLabelled(Buffer.from(text), 'rows.csv', model)

/** Everything that is wrong, as `line:column message`. */
function problems(text: string, model?: 'american' | 'diabetes'): string[] {
  try {
    read(text, model)
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error
    const all = error instanceof MlopsErrors ? error.errors : [error]
    return all.map(each => (each.at ? `${each.at.line}:${each.at.column} ${each.message}` : each.message))
  }
  return []
}

test('the data of the repository are read whole, each kind by what it looks like', () => {
  const tweets = readLabelled(data('american/test.csv'), 'test.csv')
  expect(tweets).toHaveLength(1000)
  expect(tweets.filter(({ label }) => label === 1)).toHaveLength(512)
  const rows = readLabelled(data('pima-lab-7.csv'), 'seven.csv')
  expect(rows.map(({ label }) => label)).toHaveLength(7)
  expect(rows[0]?.question).toEqual({ model: 'diabetes', row: expect.any(Array) })
})

test('columns of texts may stand anywhere, beside others', () => {
  expect(read('id,country_code,text\n7,US,"a, b"\n8,NA,NA\n')).toEqual([
    { question: { model: 'american', text: 'a, b' }, label: 1, line: 2 },
    { question: { model: 'american', text: 'NA' }, label: 0, line: 3 },
  ])
})

test('everything that is wrong is told at once, with its place', () => {
  expect(problems('text,country_code\na,usa\nb\nc,US,d\ne,GB\n')).toEqual([
    '2:3 `usa` is no country code',
    '3:1 this row has 1 column, the header has 2',
    '4:1 this row has 3 columns, the header has 2',
  ])
  expect(problems('1,2,3,4,5,6,7,8,1\n1,2,x,4,5,6,7,8,1\n1,2,3,4,5,6,7,8,2\n1,2\n')).toEqual([
    '2:5 `x` is no number',
    '3:17 the answer is 0 or 1, not 2',
    '4:1 this row has 2 columns: 8 numbers and the answer are 9',
  ])
  expect(problems('text,land\na,US\n')).toEqual(['1:1 there is no column `country_code`'])
  expect(problems('')).toEqual(['rows.csv has no rows'])
  expect(problems('text,country_code\n')).toEqual(['rows.csv has no rows below its header'])
  expect(problems('1,2\n'.repeat(50))).toHaveLength(21)
  expect(() => readLabelled(Buffer.from([0xff, 0xfe]), 'rows.csv')).toThrow('rows.csv is not text in UTF-8')
})

test('what somebody types is a row when it is numbers with commas, else a text', () => {
  const row = [6, 148, 72, 35, 0, 33.6, 0.627, 50]
  expect(questionOf('6,148, 72,35,0,33.6,.627,50')).toEqual({ model: 'diabetes', row })
  expect(questionOf('one, two')).toEqual({ model: 'american', text: 'one, two' })
  expect(questionOf('42')).toEqual({ model: 'american', text: '42' })
  expect(questionOf('')).toEqual({ model: 'american', text: '' })
  expect(questionOf('1,2,3', 'american')).toEqual({ model: 'american', text: '1,2,3' })
  expect(() => questionOf('1,2,3')).toThrow('a row is 8 numbers with commas between them: it has 3')
  expect(() => questionOf('1,2,3,4,5,6,7,hot', 'diabetes')).toThrow('`hot` is none')
})
