import { defined, typeFailure } from './fail.ts'
import { typeName } from './types.ts'
import { Bytes, Float, isDict, Range } from './values.ts'

/** The items that a `for` would see: of a list, the keys of a dict, the characters of a text. */
export function iterate(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (typeof value === 'string') return Array.from(value)
  if (value instanceof Range) return value.items()
  if (value instanceof Map) return [...value.keys()]
  if (isDict(value)) return Object.keys(value)
  if (value instanceof Bytes) return [...value.bytes]
  throw typeFailure(`'${typeName(defined(value))}' object is not iterable`)
}

/** Whether `iterate` would give items. */
export function isIterable(value: unknown): boolean {
  return (
    Array.isArray(value) ||
    typeof value === 'string' ||
    value instanceof Range ||
    value instanceof Bytes ||
    isDict(value)
  )
}

/** Python's `len`. */
export function length(value: unknown): number {
  if (typeof value === 'string') return astral.test(value) ? Array.from(value).length : value.length
  if (Array.isArray(value) || value instanceof Range) return value.length
  if (value instanceof Map) return value.size
  if (isDict(value)) return Object.keys(value).length
  if (value instanceof Bytes) return value.bytes.length
  throw typeFailure(`object of type '${typeName(defined(value))}' has no len()`)
}

/** Python's truth of a value; an undefined one has none and throws. */
export function truth(value: unknown): boolean {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      return value !== ''
    case 'number':
    case 'bigint':
      // biome-ignore lint/suspicious/noDoubleEquals: both 0 and 0n are false; NaN is true to Python
      return !(value == 0)
    case 'undefined':
      return false
    case 'function':
      return true
  }
  if (value === null) return false
  defined(value)
  if (Array.isArray(value) || value instanceof Range || value instanceof Map) {
    return (value instanceof Map ? value.size : value.length) > 0
  }
  if (value instanceof Bytes) return value.bytes.length > 0
  if (value instanceof Float) return value.value !== 0
  if (isDict(value)) return Object.keys(value).length > 0
  return true
}

const astral = /[\ud800-\udfff]/
