import { defined, typeFailure } from '../python/fail.ts'
import { iterate } from '../python/iterate.ts'
import { str } from '../python/print.ts'
import { typeName } from '../python/types.ts'

/** The text of a value that is a string, or of anything printable. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : str(defined(value))
}

/** The items of a list, or of anything that has some. */
export function list(value: unknown, filter: string): readonly unknown[] {
  if (value === null) throw typeFailure(`${filter} needs a list, not ${typeName(value)}`)
  return iterate(value)
}

/** A text argument that may be left out or be None. */
export function optional(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : text(value)
}
