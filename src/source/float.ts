import { Float } from '../template/python/values.ts'

export { float } from '../template/python/values.ts'

/** Whether a value is a float with an integral value (3.0), which JavaScript's numbers cannot tell from the integer 3. */
export function isFloat(value: unknown): value is Float {
  return value instanceof Float
}
