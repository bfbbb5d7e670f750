import { expect, test } from 'vitest'
import { MemoryOutput } from './memory-output.ts'
import { runSteps } from './steps.ts'

const seconds = /\d+\.\d s/g

test('without a terminal each step says when it begins, what it is at, and when it is done', async () => {
  const output = new MemoryOutput()
  const steps = [
    {
      title: 'Make the network',
      run: async (say: (text: string) => void) => {
        say('10.77.0.0/24')
        say('10.77.0.0/24')
      },
    },
    { title: 'Boot', run: async () => {} },
  ]
  await runSteps(steps, { output })
  expect(output.text.replace(seconds, 'N s')).toBe(`Make the network …
  Make the network: 10.77.0.0/24
Make the network: done (N s)
Boot …
Boot: done (N s)
`)
})

test('a step that fails ends the list with its error', async () => {
  const output = new MemoryOutput()
  const failing = { title: 'one', run: () => Promise.reject(new Error('no room')) }
  const never = { title: 'two', run: () => Promise.reject(new Error('begun')) }
  await expect(runSteps([failing, never], { output })).rejects.toThrow('no room')
  expect(output.text.replace(seconds, 'N s')).toBe('one …\none: failed after N s\n')
})

test('concurrent steps all come to their end before the first error is thrown', async () => {
  const output = new MemoryOutput()
  let done = false
  const slow = {
    title: 'slow',
    run: async () => {
      await new Promise(setImmediate)
      done = true
    },
  }
  const failing = { title: 'failing', run: () => Promise.reject(new Error('no room')) }
  await expect(runSteps([failing, slow], { output, concurrent: true })).rejects.toThrow('no room')
  expect(done).toBe(true)
})
