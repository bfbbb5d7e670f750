import { expect, test } from 'vitest'
import { progressBar } from './progress-bar.ts'

function drawn(terminal: { isTTY: boolean; columns: number }): string[] {
  const written: string[] = []
  let time = 0
  const output = { ...terminal, write: (text: string) => written.push(text) > 0 }
  const bar = progressBar(output, 4, { env: {}, now: () => time })
  for (const done of [1, 2, 3, 4]) {
    bar.show(done, '75.0 % right')
    time += 60
  }
  bar.end()
  return written
}

test('the bar grows on a terminal, is not drawn too often, and goes away', () => {
  expect(drawn({ isTTY: true, columns: 80 })).toEqual([
    '\r\x1b[K[######..................] 1/4  75.0 % right',
    '\r\x1b[K[##################......] 3/4  75.0 % right',
    '\r\x1b[K[########################] 4/4  75.0 % right',
    '\r\x1b[K',
  ])
  expect(drawn({ isTTY: true, columns: 20 }).every(line => line.length <= 20 + '\r\x1b[K'.length)).toBe(true)
})

test('a file gets no bar', () => {
  expect(drawn({ isTTY: false, columns: 80 })).toEqual([])
})
