import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { holdOut, parseTable } from './table.ts'

const data = (name: string) => readFileSync(new URL(`../../data/${name}`, import.meta.url), 'utf8')

test('the table of the UCI repository has 768 rows of 8 features, 268 of them positive', () => {
  const { features, labels } = parseTable(data('pima-indians-diabetes.csv'), 'pima')
  expect(features).toHaveLength(768)
  expect(features[0]).toEqual([6, 148, 72, 35, 0, 33.6, 0.627, 50])
  expect(labels.filter(label => label === 1)).toHaveLength(268)
})

test('the served rows are exactly those that training holds out', () => {
  const { training, heldOut } = holdOut(parseTable(data('pima-indians-diabetes.csv'), 'pima'))
  expect(heldOut).toEqual(parseTable(data('held-out.csv'), 'held-out'))
  expect(training.features).toHaveLength(615)
})

test.each([
  ['1,2,0\n1,x,1\n', 'rows.csv:2: column 2 is no number: "x"'],
  ['1,2,0\n\n1,,1\n', 'rows.csv:3: column 2 is no number: ""'],
  ['1,2,0\n1,2,3,0\n', 'rows.csv:2: 4 columns, expected 3'],
  ['1\n', 'rows.csv:1: 1 columns, expected 2'],
  ['1,2,7\n', 'rows.csv:1: the label must be 0 or 1, not 7'],
  ['\n', 'rows.csv has no rows'],
])('%j is refused with its line', (text, message) => {
  expect(() => parseTable(text, 'rows.csv')).toThrow(message)
})

test('Windows line ends and a missing last one do not matter', () => {
  expect(parseTable('1, 2,0\r\n3,4,1', 'x')).toEqual({
    features: [
      [1, 2],
      [3, 4],
    ],
    labels: [0, 1],
  })
})
