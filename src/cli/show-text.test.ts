import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { textOf } from './show-text.ts'

test('lines are shown whole, without what moves the cursor, however they are cut', () => {
  const stream = new PassThrough()
  const { show, end } = textOf(stream)
  for (const chunk of ['\u001b[2', 'Kweb-1  | up\nremote: one', '\rremote: two\nlast']) show(chunk)
  expect(stream.read().toString()).toBe('web-1  | up\nremote: two\n')
  end()
  expect(stream.read().toString()).toBe('last\n')
})
