import type { Writable } from 'node:stream'
import { clean } from '../report/text.ts'

/** Shows what a host prints, line by line as it comes, without its control characters. `end` shows a last line that has no end. */
export function textOf(stream: Writable, prefix = ''): { show: (chunk: string) => void; end: () => void } {
  let rest = ''
  return {
    show(chunk) {
      const lines = `${rest}${chunk}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) stream.write(`${prefix}${clean(line.replace(/\r$/, '').replace(/^.*\r/, ''))}\n`)
    },
    end() {
      if (rest !== '') stream.write(`${prefix}${clean(rest)}\n`)
      rest = ''
    },
  }
}
