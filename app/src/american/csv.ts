import { messageOf } from '../errors.ts'

/** A row with the line of the file on which it begins. */
export interface Row {
  readonly line: number
  readonly cells: readonly string[]
}

/** What is wrong, and where: lines and columns count from 1, columns in characters. */
export interface CsvProblem {
  readonly line: number
  readonly column?: number
  readonly message: string
}

/**
 * Reads comma-separated values as RFC 4180 has them, with a header: nothing is guessed, a cell `NA` is the text NA. Rows that are
 * not as wide as the header, and quotes that stand where none may, are told with their place; other rows are read on.
 */
export function parseCsv(bytes: Buffer): { header: Row | undefined; rows: Row[]; problems: CsvProblem[] } {
  const problems: CsvProblem[] = []
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    return { header: undefined, rows: [], problems: [notUtf8(bytes, error)] }
  }
  const [header, ...rest] = rowsOf(text, problems)
  if (header === undefined) return { header: undefined, rows: [], problems }
  const rows = rest.filter(({ line, cells }) => {
    if (cells.length === header.cells.length) return true
    problems.push({ line, message: `${cells.length} columns, the header has ${header.cells.length}` })
    return false
  })
  return { header, rows, problems }
}

function* rowsOf(text: string, problems: CsvProblem[]): Generator<Row> {
  let [at, line, lineStart] = [0, 1, 0]
  const end = text.length
  const place = (index: number) => ({ line, column: index - lineStart + 1 })

  /** A quoted cell from behind its first quote; a doubled quote is one quote. */
  const quoted = (): string => {
    const opened = place(at - 1)
    let cell = ''
    for (;;) {
      const close = text.indexOf('"', at)
      const part = text.slice(at, close === -1 ? end : close)
      for (const newline of part.matchAll(/\n/g)) [line, lineStart] = [line + 1, at + newline.index + 1]
      cell += part
      if (close === -1) {
        problems.push({ ...opened, message: 'the quote that opens here is never closed' })
        at = end
        return cell
      }
      at = close + 1
      if (text[at] !== '"') return cell
      cell += '"'
      at++
    }
  }

  while (at < end) {
    const begins = line
    const cells: string[] = []
    const known = problems.length
    for (;;) {
      if (text[at] === '"') {
        at++
        cells.push(quoted())
      } else {
        const from = at
        while (at < end && text[at] !== ',' && text[at] !== '\n' && !(text[at] === '\r' && text[at + 1] === '\n')) at++
        const cell = text.slice(from, at)
        const stray = cell.indexOf('"')
        if (stray !== -1)
          problems.push({ ...place(from + stray), message: 'a cell with a quote in it must be quoted itself' })
        cells.push(cell)
      }
      if (text[at] === ',') {
        at++
        continue
      }
      if (text[at] === '\r' && text[at + 1] === '\n') at++
      if (at >= end || text[at] === '\n') break
      problems.push({ ...place(at), message: `there is ${JSON.stringify(text[at])} behind the closing quote` })
      while (at < end && text[at] !== ',' && text[at] !== '\n') at++
      if (text[at] !== ',') break
      at++
    }
    at++
    line++
    lineStart = at
    const isBlank = cells.length === 1 && cells[0] === ''
    // A row whose quotes are wrong has been told already; its width would only repeat that.
    if (!isBlank && problems.length === known) yield { line: begins, cells }
  }
}

function notUtf8(bytes: Buffer, error: unknown): CsvProblem {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(10, start)
    const end = newline === -1 ? bytes.length : newline
    try {
      decoder.decode(bytes.subarray(start, end))
    } catch {
      return { line, message: 'this is no UTF-8' }
    }
    start = end + 1
  }
  return { line: 1, message: messageOf(error) }
}
