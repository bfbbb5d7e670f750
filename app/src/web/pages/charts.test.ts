import { expect, test } from 'vitest'
import { matrixChart, spreadChart } from './charts.ts'

test('the matrix counts each of the four cases, and says it in words', () => {
  const { text } = matrixChart({ y: [0, 0, 0, 1, 1, 1, 1], predicted: [0, 0, 1, 1, 1, 1, 0] })
  expect([...text.matchAll(/class="count">(\d+)</g)].map(([, n]) => n)).toEqual(['2', '1', '1', '3'])
  expect(text).toContain(
    '2 rows without diabetes are predicted so, 1 are not; 3 rows with diabetes are predicted so, 1 are not.',
  )
  expect(text).toContain('5 of 7 right')
})

test('bars stand where the probabilities are, and none leaves the picture', () => {
  const { text } = spreadChart({ y: [1, 1, 0, 1], probability: [1, 0.99, 0, 0.5] })
  const heights = (side: string) =>
    [...text.matchAll(new RegExp(`height="([\\d.]+)" class="${side}"`, 'g'))].map(([, h]) => Number(h))
  const drawn = (side: string) => heights(side).flatMap((h, bin) => (h > 0 ? [[bin, h]] : []))
  expect(drawn('yes')).toEqual([
    [10, 58.7],
    [19, 117.3],
  ])
  expect(drawn('no')).toEqual([[0, 58.7]])
})

test('no rows make an empty picture, not a broken one', () => {
  expect(spreadChart({ y: [], probability: [] }).text).not.toMatch(/NaN|Infinity/)
  expect(matrixChart({ y: [], predicted: [] }).text).not.toMatch(/NaN|Infinity/)
})
