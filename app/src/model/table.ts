import { PredictorError } from '../errors.ts'

/** Rows of features with the true label of each: the last column of the file. */
export interface Table {
  readonly features: readonly (readonly number[])[]
  readonly labels: readonly number[]
}

/** Reads comma-separated numbers without a header, the label (0 or 1) last; throws `data.invalid` with the line. */
export function parseTable(text: string, name: string): Table {
  const features: number[][] = []
  const labels: number[] = []
  let width: number | undefined
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const cells = line.split(',').map(cell => cell.trim())
    const values = cells.map(cell => (cell === '' ? Number.NaN : Number(cell)))
    const bad = values.findIndex(value => !Number.isFinite(value))
    const at = `${name}:${index + 1}`
    if (bad !== -1)
      throw new PredictorError('data.invalid', `${at}: column ${bad + 1} is no number: ${JSON.stringify(cells[bad])}`)
    width ??= values.length
    if (values.length !== width || width < 2) {
      throw new PredictorError('data.invalid', `${at}: ${values.length} columns, expected ${Math.max(width, 2)}`)
    }
    const label = values.pop()
    if (label !== 0 && label !== 1)
      throw new PredictorError('data.invalid', `${at}: the label must be 0 or 1, not ${label}`)
    features.push(values)
    labels.push(label)
  }
  if (features.length === 0) throw new PredictorError('data.empty', `${name} has no rows`)
  return { features, labels }
}

/** Parts a table: every fifth row is held out, whatever the seed, so that no training ever sees the served rows. */
export function holdOut(table: Table): { training: Table; heldOut: Table } {
  const part = (keep: (index: number) => boolean): Table => ({
    features: table.features.filter((_, index) => keep(index)),
    labels: table.labels.filter((_, index) => keep(index)),
  })
  const isHeldOut = (index: number) => index % 5 === 4
  return { training: part(index => !isHeldOut(index)), heldOut: part(isHeldOut) }
}
