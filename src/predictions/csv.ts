/** A cell with the place where it begins; lines and columns count from 1. */
export interface Cell {
  readonly text: string
  readonly line: number
  readonly column: number
}

/** A quote that is never closed, or something behind a closing one. */
export interface CsvProblem {
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Comma-separated values as RFC 4180 has them; empty lines are no rows. */
export function readCsv(text: string): { rows: Cell[][]; problems: CsvProblem[] } {
  const rows: Cell[][] = []
  const problems: CsvProblem[] = []
  let [at, line, lineStart] = [0, 1, 0]

  const quoted = (cell: { line: number; column: number }): string => {
    let value = ''
    for (at++; ; at++) {
      const close = text.indexOf('"', at)
      const part = text.slice(at, close === -1 ? text.length : close)
      for (const { index } of part.matchAll(/\n/g)) [line, lineStart] = [line + 1, at + index + 1]
      value += part
      at += part.length
      if (close === -1) problems.push({ ...cell, message: 'the quote that opens here is never closed' })
      if (close === -1 || text[at + 1] !== '"') break
      value += '"'
      at++
    }
    at++
    return value
  }

  while (at < text.length) {
    const cells: Cell[] = []
    for (;;) {
      const place = { line, column: at - lineStart + 1 }
      const opened = text[at] === '"'
      const value = opened ? quoted(place) : ''
      const rest = /[^,\r\n]*(?:\r(?!\n)[^,\r\n]*)*/y
      rest.lastIndex = Math.min(at, text.length)
      const [bare = ''] = rest.exec(text) ?? []
      if (opened && bare !== '')
        problems.push({ line, column: at - lineStart + 1, message: 'something stands behind the closing quote' })
      at += bare.length
      cells.push({ text: opened ? value : bare, ...place })
      if (text[at] !== ',') break
      at++
    }
    if (text[at] === '\r') at++
    at++
    if (cells.length > 1 || cells[0]?.text !== '') rows.push(cells)
    line++
    lineStart = at
  }
  return { rows, problems }
}
