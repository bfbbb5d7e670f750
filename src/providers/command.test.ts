import { expect, test } from 'vitest'
import { lastLines, run, stream } from './command.ts'

test('status, both outputs and input are whole', async () => {
  const result = await run('sh', ['-c', 'cat; echo oops >&2; exit 3'], { input: 'text without end' })
  expect(result).toEqual({ status: 3, stdout: 'text without end', stderr: 'oops\n' })
})

test('a program that reads nothing does not mind a long input', async () => {
  expect((await run('true', [], { input: 'x'.repeat(1e6) })).status).toBe(0)
})

test('lines are told as they come, a last one without an end too', async () => {
  const lines: string[] = []
  await run('sh', ['-c', 'echo one; printf two'], { onLine: line => lines.push(line) })
  expect(lines).toEqual(['one', 'two'])
})

test('a program that is not there is named', async () => {
  await expect(run('no-such-program', [])).rejects.toMatchObject({
    code: 'command.missing',
    message: 'no-such-program is not installed',
  })
})

test('a stream that is cut short fails with the last words', async () => {
  const { output, ended } = stream('sh', ['-c', 'echo data; echo "why" >&2; exit 4'])
  const failed = expect(ended).rejects.toMatchObject({ message: 'sh failed (status 4): why' })
  let text = ''
  for await (const chunk of output) text += chunk
  expect(text).toBe('data\n')
  await failed
})

test('the last lines leave empty ones out', () => {
  expect(lastLines('a\n\nb\nc\n\n', 2)).toBe('b\nc')
})
