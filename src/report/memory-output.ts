import type { Output } from './output.ts'

/** An output that keeps what is written to it: the test double of a stream. */
export class MemoryOutput implements Output {
  readonly isTTY: boolean
  columns: number
  readonly rows: number
  readonly writes: string[] = []
  /** How wide the terminal was at each write. */
  private readonly widths: number[] = []

  constructor({ isTTY = false, columns = 80, rows = 24 }: { isTTY?: boolean; columns?: number; rows?: number } = {}) {
    this.isTTY = isTTY
    this.columns = columns
    this.rows = rows
  }

  write(text: string, done?: () => void): boolean {
    if (text !== '') {
      this.writes.push(text)
      this.widths.push(this.columns)
    }
    done?.()
    return true
  }

  get text(): string {
    return this.writes.join('')
  }

  /**
   * What a terminal of endless height shows after all that was written, one that wraps its lines anew when `columns` changes.
   * Knows the sequences of the live view only.
   */
  get screen(): string {
    const lines = ['']
    for (const [i, text] of this.writes.entries()) {
      for (const part of text.split(/(\x1b\[\d+A\r\x1b\[J|\n)/)) {
        const up = /^\x1b\[(\d+)A\r\x1b\[J$/.exec(part)
        if (up) eraseRows(lines, Number(up[1]), this.widths[i] ?? 80)
        else if (part === '\n') lines.push('')
        else lines.push((lines.pop() ?? '') + part)
      }
    }
    return lines.join('\n')
  }
}

/** Takes away the last line, and so many rows above it: a line has as many as its text needs at that width. */
function eraseRows(lines: string[], rows: number, columns: number): void {
  lines.pop()
  for (let left = rows; left > 0 && lines.length > 0; ) {
    const line = lines.pop() ?? ''
    const own = Math.max(1, Math.ceil(line.length / columns))
    if (own > left) lines.push(line.slice(0, (own - left) * columns))
    left -= own
  }
  lines.push('')
}
