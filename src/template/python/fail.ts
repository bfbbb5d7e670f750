import { type ErrorDetails, MlopsError } from '../../errors.ts'
import { typeName } from './types.ts'
import { Undefined } from './values.ts'

/** What kind of trouble a template met: the second half of its error's code. */
export type Trouble =
  | 'syntax'
  | 'undefined'
  | 'type'
  | 'value'
  | 'unknown'
  | 'unsupported'
  | 'recursion'
  | 'lookup'
  | 'not-found'
  | 'mandatory'
  | 'limit'

/** An error in a template. */
export function failure(trouble: Trouble, message: string, details: ErrorDetails = {}): MlopsError {
  return new MlopsError(`template.${trouble}`, message, details)
}

export function typeFailure(message: string): MlopsError {
  return failure('type', message)
}

export function valueFailure(message: string): MlopsError {
  return failure('value', message)
}

/** The error of using an undefined value. */
export function undefinedFailure(value: Undefined): MlopsError {
  const { cause, at, hint } = value.about
  return cause ?? failure('undefined', value.message, { at: at?.(), hint: hint?.() })
}

/** Gives the value back, and throws when it is undefined. */
export function defined<T>(value: T): Exclude<T, Undefined> {
  if (value instanceof Undefined) throw undefinedFailure(value)
  return value as Exclude<T, Undefined> // the line above leaves no Undefined
}

/** Throws for an argument of a type that cannot be used. */
export function unfit(what: string, value: unknown): MlopsError {
  return typeFailure(`${what}, not ${typeName(defined(value))}`)
}
