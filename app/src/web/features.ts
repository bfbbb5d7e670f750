/** A measurement of the table: its name in the interface, and what it can be. A 0 stands for a missing value, as in the source. */
export interface Feature {
  readonly name: string
  readonly label: string
  readonly unit: string
  readonly most: number
  readonly step: number
}

/** The eight columns, in the order of the table. The bounds are far beyond what was measured: they catch mixed-up columns. */
export const features: readonly Feature[] = [
  { name: 'pregnancies', label: 'Pregnancies', unit: '', most: 30, step: 1 },
  { name: 'glucose', label: 'Glucose', unit: 'mg/dl, two hours after the test drink', most: 1000, step: 1 },
  { name: 'blood_pressure', label: 'Blood pressure', unit: 'mm Hg, diastolic', most: 300, step: 1 },
  { name: 'skin_thickness', label: 'Skin thickness', unit: 'mm, triceps', most: 200, step: 1 },
  { name: 'insulin', label: 'Insulin', unit: 'mu U/ml, after two hours', most: 5000, step: 1 },
  { name: 'bmi', label: 'Body mass index', unit: 'kg/m²', most: 200, step: 0.1 },
  { name: 'pedigree', label: 'Pedigree', unit: 'weight of diabetes in the family', most: 10, step: 0.001 },
  { name: 'age', label: 'Age', unit: 'years', most: 150, step: 1 },
]

/** A problem with one value: which, and why it cannot be. */
export interface FieldProblem {
  readonly field: string
  readonly message: string
}

/** Checks a row; `field` names its place in the request, as `rows[3]`. */
export function rowProblems(row: unknown, field: string): FieldProblem[] {
  if (!Array.isArray(row)) return [{ field, message: `must be a list of ${features.length} numbers` }]
  if (row.length !== features.length)
    return [{ field, message: `must have ${features.length} numbers, not ${row.length}` }]
  return features.flatMap((feature, column) => {
    const message = valueProblem(feature, row[column])
    return message === undefined ? [] : [{ field: `${field}[${column}]`, message: `(${feature.name}) ${message}` }]
  })
}

/** Says what is wrong with a value; `undefined` when nothing is. */
export function valueProblem({ most }: Feature, value: unknown): string | undefined {
  if (typeof value !== 'number' || Number.isNaN(value)) return `must be a number, not ${shown(value)}`
  return value >= 0 && value <= most ? undefined : `must be from 0 to ${most}, not ${value}`
}

/** A value from a request, shortened. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : asJson(value)
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    // What is nested deeper than the stack can be read, but not written.
    return Array.isArray(value) ? 'a deeply nested list' : 'a deeply nested object'
  }
}
