import { MlopsError, throwAll } from '../errors.ts'
import { type Cell, readCsv } from './csv.ts'

/** The models of the predictor. */
export const modelNames = ['american', 'diabetes'] as const
export type ModelName = (typeof modelNames)[number]

/** What a model is asked: a text, or the eight measurements of a person. */
export type Question =
  | { readonly model: 'american'; readonly text: string }
  | { readonly model: 'diabetes'; readonly row: readonly number[] }

/** A question whose answer is known. */
export interface Labelled {
  readonly question: Question
  readonly label: 0 | 1
  /** Of the file, from 1 on. */
  readonly line: number
}

/** How many measurements a row of the table has. */
export const measurements = 8

/**
 * Reads questions with their answers: a header with `text` and `country_code` (the answer is 1 for US), or rows of eight numbers and
 * the answer, 0 or 1, without a header. Throws everything that is wrong at once (`data.*`).
 */
export function readLabelled(bytes: Uint8Array, file: string, wanted?: ModelName): Labelled[] {
  const { rows, problems } = readCsv(decoded(bytes, file))
  const errors = problems.map(({ message, ...at }) => new MlopsError('data.csv', message, { at: { file, ...at } }))
  const [first] = rows
  if (first === undefined) throw new MlopsError('data.empty', `${file} has no rows`)
  const model = wanted ?? (first.some(({ text }) => text === 'text') ? 'american' : 'diabetes')
  const read = model === 'american' ? texts(rows, file, errors) : table(rows, file, errors)
  throwAll(shortened(errors))
  if (read.length === 0) throw new MlopsError('data.empty', `${file} has no rows below its header`)
  return read
}

function decoded(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new MlopsError('data.utf8', `${file} is not text in UTF-8`)
  }
}

function texts([header = [], ...rows]: readonly Cell[][], file: string, errors: MlopsError[]): Labelled[] {
  const at = (name: string) => header.findIndex(({ text }) => text === name)
  const [text, country] = [at('text'), at('country_code')]
  for (const [name, index] of Object.entries({ text, country_code: country })) {
    if (index !== -1) continue
    const hint = `its columns are ${header.map(cell => cell.text).join(', ')}`
    errors.push(wrong(file, header[0], `there is no column \`${name}\``, hint))
  }
  if (text === -1 || country === -1) return []
  return rows.flatMap(cells => {
    const [question, code] = [cells[text], cells[country]]
    if (cells.length !== header.length || question === undefined || code === undefined) {
      errors.push(wrong(file, cells[0], `this row has ${columns(cells)}, the header has ${header.length}`))
      return []
    }
    if (!/^[A-Z]{2}$/.test(code.text)) {
      errors.push(
        wrong(file, code, `\`${code.text.slice(0, 40)}\` is no country code`, 'two capital letters, such as US'),
      )
      return []
    }
    const label = code.text === 'US' ? 1 : 0
    return [{ question: { model: 'american', text: question.text }, label, line: question.line }]
  })
}

function table(rows: readonly Cell[][], file: string, errors: MlopsError[]): Labelled[] {
  return rows.flatMap((cells, i) => {
    if (cells.length !== measurements + 1) {
      const message = `this row has ${columns(cells)}: ${measurements} numbers and the answer are ${measurements + 1}`
      errors.push(
        wrong(file, cells[0], message, i === 0 ? 'a file of texts has a header: text,country_code' : undefined),
      )
      return []
    }
    const bad = cells.find(({ text }) => numberOf(text) === undefined)
    if (bad !== undefined) {
      errors.push(wrong(file, bad, `\`${bad.text.slice(0, 40)}\` is no number`))
      return []
    }
    const values = cells.map(({ text }) => numberOf(text) ?? 0)
    const label = values.pop()
    if (label !== 0 && label !== 1) {
      errors.push(wrong(file, cells.at(-1), `the answer is 0 or 1, not ${label}`))
      return []
    }
    return [{ question: { model: 'diabetes', row: values }, label, line: cells[0]?.line ?? 0 }]
  })
}

function columns({ length }: readonly Cell[]): string {
  return length === 1 ? '1 column' : `${length} columns`
}

/** A number as people write it; `undefined`: it is none. */
export function numberOf(text: string): number | undefined {
  const trimmed = text.trim()
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : undefined
}

function wrong(file: string, cell: Cell | undefined, message: string, hint?: string): MlopsError {
  return new MlopsError('data.row', message, { at: { file, line: cell?.line ?? 1, column: cell?.column ?? 1 }, hint })
}

/** A file of another kind is wrong in every row: twenty of them say it. */
function shortened(errors: readonly MlopsError[]): readonly MlopsError[] {
  const shown = 20
  if (errors.length <= shown) return errors
  return [...errors.slice(0, shown), new MlopsError('data.more', `and ${errors.length - shown} more`)]
}
