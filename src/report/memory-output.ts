import type { Output } from './output.ts'

/** An output that keeps what is written to it: the test double of a stream. */
export class MemoryOutput implements Output {
  readonly isTTY: boolean
  readonly columns: number
  readonly rows: number
  readonly writes: string[] = []

  constructor({ isTTY = false, columns = 80, rows = 24 }: { isTTY?: boolean; columns?: number; rows?: number } = {}) {
    this.isTTY = isTTY
    this.columns = columns
    this.rows = rows
  }

  write(text: string, done?: () => void): boolean {
    if (text !== '') this.writes.push(text)
    done?.()
    return true
  }

  get text(): string {
    return this.writes.join('')
  }

  /** What a terminal of endless height shows after all that was written. Knows the sequences of the live view only. */
  get screen(): string {
    const lines = ['']
    let row = 0
    for (const part of this.text.split(/(\x1b\[\d+A\r\x1b\[J|\n)/)) {
      const up = /^\x1b\[(\d+)A\r\x1b\[J$/.exec(part)
      if (up) {
        row = Math.max(0, row - Number(up[1]))
        lines.length = row
        lines.push('')
      } else if (part === '\n') {
        row++
        lines[row] = ''
      } else lines[row] = (lines[row] ?? '') + part
    }
    return lines.join('\n')
  }
}
