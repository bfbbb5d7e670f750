import { expect, test } from 'vitest'
import { accuracyPercent, pythonFloat, seededRandom } from './numbers.ts'

test.each([
  [100, '100.0'],
  [0, '0.0'],
  [-0, '-0.0'],
  [0.5, '0.5'],
  [6, '6.0'],
  [0.627, '0.627'],
  [1e16, '1e+16'],
  [123456789012345680, '1.2345678901234568e+17'],
  [1e15, '1000000000000000.0'],
  [0.0001, '0.0001'],
  [0.00012345, '0.00012345'],
  [0.00001, '1e-05'],
  [1.5e-7, '1.5e-07'],
  [-2.5, '-2.5'],
  [Number.NaN, 'nan'],
  [Number.POSITIVE_INFINITY, 'inf'],
])('%s prints as Python prints it', (value, text) => {
  expect(pythonFloat(value)).toBe(text)
})

test('accuracies have the digits that Keras gives them', () => {
  expect(pythonFloat(accuracyPercent(5, 7))).toBe('71.42857313156128')
  expect(pythonFloat(accuracyPercent(4, 7))).toBe('57.14285969734192')
  expect(pythonFloat(accuracyPercent(581, 768))).toBe('75.65104365348816')
  expect(pythonFloat(accuracyPercent(7, 7))).toBe('100.0')
  expect(accuracyPercent(0, 0)).toBe(0)
})

test('a seed gives one sequence of numbers, another seed another one', () => {
  const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed))
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
  expect(draw(7).every(n => n >= 0 && n < 1)).toBe(true)
})
