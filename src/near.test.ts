import { expect, test } from 'vitest'
import { didYouMean, near } from './near.ts'

test.each([
  ['prod_server', ['prodserver', 'devserver'], ['prodserver']],
  ['dst', ['dest', 'src', 'mode'], ['dest']],
  ['conten', ['content', 'copy'], ['content']],
  ['xyz', ['dest'], []],
  ['wroker', ['worker', 'web'], ['worker']],
])('%s is near to %j: %j', (word, candidates, expected) => {
  expect(near(word, candidates)).toEqual(expected)
})

test('the hint names the candidates, or there is none', () => {
  expect(didYouMean('wroker', ['worker'])).toBe('did you mean `worker`?')
  expect(didYouMean('xyz', ['worker'])).toBeUndefined()
})
