import { dictHas, equals } from './dict.ts'
import { defined, typeFailure } from './fail.ts'
import { iterate } from './iterate.ts'
import { typeName } from './types.ts'
import { Bytes, Instance, isDict, isTuple, numeric, Range } from './values.ts'

/** -1, 0 or 1 as Python orders; throws for types that have no order (`template.type`). */
export function order(a: unknown, b: unknown, operator = '<'): number {
  defined(a)
  defined(b)
  const x = numeric(a)
  const y = numeric(b)
  if (x !== undefined && y !== undefined)
    return x < y ? -1 : x > y ? 1 : x === y || Number(x) === Number(y) ? 0 : Number.NaN
  if (typeof a === 'string' && typeof b === 'string') return orderText(a, b)
  if (Array.isArray(a) && Array.isArray(b) && isTuple(a) === isTuple(b)) return orderLists(a, b, operator)
  if (a instanceof Instance && b instanceof Instance && a.type === b.type && a.value !== undefined) {
    return Math.sign(a.value - (b.value ?? Number.NaN))
  }
  if (a instanceof Bytes && b instanceof Bytes) return Buffer.compare(a.bytes, b.bytes)
  throw typeFailure(`'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`)
}

/** Python's `item in container`. */
export function contains(container: unknown, item: unknown): boolean {
  defined(container)
  if (typeof container === 'string') {
    if (typeof defined(item) === 'string') return container.includes(item as string) // narrowed by typeof of the same value
    throw typeFailure(`'in <string>' requires string as left operand, not ${typeName(item)}`)
  }
  if (isDict(container)) return dictHas(container, defined(item))
  if (Array.isArray(container) || container instanceof Range) return iterate(container).some(one => equals(one, item))
  throw typeFailure(`argument of type '${typeName(container)}' is not iterable`)
}

/** By code point, as Python compares text. */
export function orderText(a: string, b: string): number {
  if (a === b) return 0
  if (!astral.test(a) && !astral.test(b)) return a < b ? -1 : 1
  const x = Array.from(a, c => c.codePointAt(0) ?? 0)
  const y = Array.from(b, c => c.codePointAt(0) ?? 0)
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0)
    if (difference !== 0) return Math.sign(difference)
  }
  return Math.sign(x.length - y.length)
}

const astral = /[\ud800-\udfff]/

function orderLists(a: readonly unknown[], b: readonly unknown[], operator: string): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (!equals(a[i], b[i])) return order(a[i], b[i], operator)
  }
  return Math.sign(a.length - b.length)
}
