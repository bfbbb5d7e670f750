import { PredictorError } from '../errors.ts'
import { parseCsv, type Row } from './csv.ts'

/** Texts with their labels: 1 when the author is American. */
export interface Tweets {
  readonly texts: readonly string[]
  readonly labels: readonly (0 | 1)[]
}

const shownProblems = 20

/** Reads the columns `text` and `country_code`; throws `data.invalid` with the place of every bad row, or `data.empty`. */
export function parseTweets(bytes: Buffer, name: string): Tweets {
  const { header, rows, problems } = parseCsv(bytes)
  const columns = header && columnsOf(header, problems)
  const texts: string[] = []
  const labels: (0 | 1)[] = []
  for (const { line, cells } of columns ? rows : []) {
    const text = cells[columns?.text ?? -1]
    const country = cells[columns?.country ?? -1]
    if (text === undefined || country === undefined) continue
    if (!/^[A-Z]{2}$/.test(country)) {
      const message = `country_code must be two capital letters, not ${JSON.stringify(country.slice(0, 40))}`
      problems.push({ line, message })
      continue
    }
    texts.push(text)
    labels.push(country === 'US' ? 1 : 0)
  }
  if (problems.length > 0) {
    const sorted = [...problems].sort((a, b) => a.line - b.line)
    const shown = sorted.slice(0, shownProblems).map(({ line, column, message }) => {
      return `${name}:${line}${column === undefined ? '' : `:${column}`}: ${message}`
    })
    const more = problems.length - shown.length
    throw new PredictorError('data.invalid', [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'))
  }
  if (texts.length === 0) throw new PredictorError('data.empty', `${name} has no rows`)
  return { texts, labels }
}

function columnsOf(
  { cells, line }: Row,
  problems: { line: number; message: string }[],
): { text: number; country: number } | undefined {
  const before = problems.length
  const [text = -1, country = -1] = ['text', 'country_code'].map(wanted => {
    const [found, second] = cells.flatMap((cell, index) => (cell === wanted ? [index] : []))
    if (found === undefined)
      problems.push({ line, message: `there is no column ${wanted}: the header is ${cells.join(',')}` })
    else if (second !== undefined) problems.push({ line, message: `there are two columns ${wanted}` })
    return found ?? -1
  })
  return problems.length === before ? { text, country } : undefined
}
