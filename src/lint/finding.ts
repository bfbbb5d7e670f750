import { MlopsError, type Position } from '../errors.ts'

/** One finding. Its rule is the last part of the code. */
export function finding(rule: string, message: string, at: Position, hint: string): MlopsError {
  return new MlopsError(`lint.${rule}`, message, { at, hint })
}
