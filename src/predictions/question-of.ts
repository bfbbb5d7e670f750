import { MlopsError } from '../errors.ts'
import { type ModelName, measurements, numberOf, type Question } from './questions.ts'

/** What somebody typed as a question: numbers with commas are a row, all else is a text. Throws `predict.row`. */
export function questionOf(input: string, wanted?: ModelName): Question {
  const cells = input.split(',')
  const numbers = cells.flatMap(cell => numberOf(cell) ?? [])
  const isRow = cells.length > 1 && numbers.length === cells.length
  if (wanted === 'american' || (wanted === undefined && !isRow)) return { model: 'american', text: input }
  if (numbers.length === cells.length && numbers.length === measurements) return { model: 'diabetes', row: numbers }
  const bad = cells.find(cell => numberOf(cell) === undefined)
  const what = bad === undefined ? `it has ${cells.length}` : `\`${bad.trim()}\` is none`
  throw new MlopsError('predict.row', `a row is ${measurements} numbers with commas between them: ${what}`, {
    hint:
      wanted === undefined
        ? 'to have it judged as a text: --model american'
        : 'pregnancies, glucose, blood pressure, skin thickness, insulin, body mass index, pedigree function, age',
  })
}
