import { createHash } from 'node:crypto'

/** A row's digest: the first 16 hex digits of the SHA-256 of its text. Enough to tell rows apart, too little to guess one. */
export function rowDigest(row: string): string {
  return createHash('sha256').update(row).digest('hex').slice(0, 16)
}

/** The name under which a model's training rows are listed beside it, a digest a line. */
export const trainingRowsFile = 'training-rows.txt'

export function writeTrainingRows(rows: readonly string[]): string {
  return `${[...new Set(rows.map(rowDigest))].sort().join('\n')}\n`
}

/** The numbers (from 1) of the evaluation rows that a model was trained on. */
export function leaked(trainingRows: string, evaluation: readonly string[]): number[] {
  const seen = new Set(trainingRows.split(/\s+/).filter(Boolean))
  return evaluation.flatMap((row, index) => (seen.has(rowDigest(row)) ? [index + 1] : []))
}

/** A row of a table as one text: numbers in their shortest form, so that `6` and `6.0` are the same row. */
export function rowText(features: readonly number[], label: number): string {
  return [...features, label].join(',')
}
