import { order } from '../python/compare.ts'
import { dictEntries, dictGet, dictHas, dictSize } from '../python/dict.ts'
import { isDict, isList, numeric } from '../python/values.ts'

/** The value under a name, null where there is none. */
export function field(name: string): (value: unknown) => unknown {
  return value => (isDict(value) && dictHas(value, name) ? (dictGet(value, name) ?? null) : null)
}

export function lists(value: unknown): readonly unknown[] | undefined {
  return isList(value) ? value : undefined
}

/** The values of a mapping; null for anything else. */
export function valuesOf(value: unknown): readonly unknown[] | null {
  return isDict(value) ? dictEntries(value).map(([, item]) => item) : null
}

/** A list with the items of the lists in it. */
export function flat(value: unknown): readonly unknown[] | null {
  return isList(value) ? value.flatMap(item => (isList(item) ? [...item] : [item])) : null
}

/** What counts as true: all but null, false, and what is empty. Zero is true. */
export function isTrue(value: unknown): boolean {
  if (isList(value)) return value.length > 0
  if (isDict(value)) return dictSize(value) > 0
  return value !== null && value !== undefined && value !== false && value !== ''
}

/** Only numbers, and texts among themselves, have an order; null for others. */
export function compareNumbers(sign: string, a: unknown, b: unknown): boolean | null {
  const comparable = (numeric(a) !== undefined && numeric(b) !== undefined) || (isText(a) && isText(b))
  if (!comparable || typeof a === 'boolean' || typeof b === 'boolean') return null
  const is = order(a, b)
  switch (sign) {
    case '<':
      return is < 0
    case '<=':
      return is <= 0
    case '>':
      return is > 0
    default:
      return is >= 0
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** A slice as Python makes it; null for what is no list. */
export function sliced(value: unknown, start?: number, end?: number, step = 1): readonly unknown[] | null {
  if (!isList(value) || step === 0) return null
  const size = value.length
  const least = step < 0 ? -1 : 0
  const most = step < 0 ? size - 1 : size
  const bound = (at: number) => Math.min(most, Math.max(least, at < 0 ? at + size : at))
  const from = start === undefined ? (step < 0 ? most : least) : bound(start)
  const to = end === undefined ? (step < 0 ? least : most) : bound(end)
  const found: unknown[] = []
  for (let i = from; step < 0 ? i > to : i < to; i += step) found.push(value[i])
  return found
}
