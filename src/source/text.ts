import type { Position } from '../errors.ts'

/** The text of a file that knows where its lines begin. */
export class SourceText {
  readonly file: string
  readonly text: string
  readonly #starts: number[] = [0]
  /** Index of the line that was asked for last: mostly the next question is about the same. */
  #last = 0

  constructor(text: string, file: string) {
    this.file = file
    this.text = text
    for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) this.#starts.push(i + 1)
  }

  /** The place of the characters from `start` to `end`, cut off at the end of the first line. Offsets count from 0. */
  position(start: number, end: number = start + 1): Position {
    const index = this.#lineIndex(start)
    const text = this.line(index + 1)
    const column = start - (this.#starts[index] ?? 0)
    const length = Math.max(1, Math.min(end - start, text.length - column))
    return { file: this.file, line: index + 1, column: column + 1, length, text }
  }

  /** A line without its line end; '' where there is none. Lines count from 1. */
  line(number: number): string {
    const start = this.#starts[number - 1]
    if (start === undefined) return ''
    let end = this.#starts[number] ?? this.text.length
    if (end > start && this.text[end - 1] === '\n') end--
    if (end > start && this.text[end - 1] === '\r' && end + 1 === this.#starts[number]) end--
    return this.text.slice(start, end)
  }

  /** The offset of a line's column, both from 1. */
  offset(line: number, column: number): number {
    return (this.#starts[line - 1] ?? 0) + column - 1
  }

  #lineIndex(offset: number): number {
    const starts = this.#starts
    const last = this.#last
    if ((starts[last] ?? 0) <= offset && offset < (starts[last + 1] ?? Number.POSITIVE_INFINITY)) return last
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    this.#last = low
    return low
  }
}
