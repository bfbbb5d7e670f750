import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { batched } from './batched.ts'
import { MemoryOutput } from './memory-output.ts'

test('what is said at once is one write, when the event loop turns', async () => {
  const output = new MemoryOutput()
  const both = batched(output)
  both.write('one\n')
  both.write('two\n')
  expect(output.writes).toEqual([])
  await setImmediate()
  expect(output.writes).toEqual(['one\ntwo\n'])
})

test('much text, an end that is asked for, and the end of the process do not wait', async () => {
  const output = new MemoryOutput()
  const both = batched(output)
  both.write('x'.repeat(70_000))
  expect(output.text).toHaveLength(70_000)
  both.write('a')
  await new Promise<void>(done => both.write('b', done))
  expect(output.writes.slice(1)).toEqual(['ab'])
  const before = process.listenerCount('exit')
  both.write('last')
  expect(process.listenerCount('exit')).toBe(before + 1)
  process.listeners('exit').at(-1)?.call(process, 0)
  expect(output.writes.at(-1)).toBe('last')
  expect(process.listenerCount('exit')).toBe(before)
})
