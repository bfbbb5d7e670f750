import { defined, typeFailure } from './fail.ts'
import { typeName } from './types.ts'
import {
  Bytes,
  type Dict,
  DictItems,
  DictKeys,
  DictValues,
  DictView,
  Instance,
  isDict,
  isTuple,
  numeric,
  Range,
  tuple,
  Undefined,
} from './values.ts'

/** A new dict as templates make them: always a Map, so that order and odd keys are kept. */
export function dictOf(entries: Iterable<readonly [unknown, unknown]> = []): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>()
  for (const [key, value] of entries) dictSet(map, key, value)
  return map
}

/** The value of a key; JavaScript's undefined when there is none. */
export function dictGet(dict: Dict, key: unknown): unknown {
  if (dict instanceof Map) {
    const value = dict.get(key)
    if (value !== undefined || typeof key === 'string') return value
    const twin = sameKey(dict, key)
    return twin === missing ? undefined : dict.get(twin)
  }
  return typeof key === 'string' && Object.hasOwn(dict, key) ? dict[key] : undefined
}

export function dictHas(dict: Dict, key: unknown): boolean {
  if (dict instanceof Map) return dict.has(key) || (typeof key !== 'string' && sameKey(dict, key) !== missing)
  return typeof key === 'string' && Object.hasOwn(dict, key)
}

export function dictSet(dict: Dict, key: unknown, value: unknown): void {
  if (typeof key === 'string') {
    if (dict instanceof Map) dict.set(key, value)
    else setProperty(dict, key, value)
    return
  }
  hashable(key)
  if (!(dict instanceof Map)) throw typeFailure(`a key of this dict must be a string, not ${typeName(key)}`)
  const twin = dict.has(key) ? key : sameKey(dict, key)
  dict.set(twin === missing ? key : twin, value)
}

export function dictDelete(dict: Dict, key: unknown): void {
  if (dict instanceof Map) dict.delete(dict.has(key) ? key : sameKey(dict, key))
  else if (typeof key === 'string') delete dict[key]
}

export function dictKeys(dict: Dict): unknown[] {
  return dict instanceof Map ? [...dict.keys()] : Object.keys(dict)
}

export function dictEntries(dict: Dict): [unknown, unknown][] {
  return dict instanceof Map ? [...dict.entries()] : Object.entries(dict)
}

export function dictSize(dict: Dict): number {
  return dict instanceof Map ? dict.size : Object.keys(dict).length
}

export function itemsView(dict: Dict): DictItems {
  return fill(new DictItems(), dictEntries(dict).map(tuple))
}

export function keysView(dict: Dict): DictKeys {
  return fill(new DictKeys(), dictKeys(dict))
}

export function valuesView(dict: Dict): DictValues {
  return fill(
    new DictValues(),
    dictEntries(dict).map(([, value]) => value),
  )
}

/** Sets a property of a plain object, whatever its name (`__proto__`). */
export function setProperty(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    object[key] = value
  }
}

/** The dict itself, or an error that says what stands in its place. */
export function asDict(value: unknown, what: string): Dict {
  if (isDict(defined(value))) return value as Dict // isDict does not narrow through defined()
  throw typeFailure(`${what} needs a dict, got ${typeName(value)}`)
}

/** Python's `==`. */
export function equals(a: unknown, b: unknown): boolean {
  if (a === b) return true
  const x = numeric(a)
  if (x !== undefined) {
    const y = numeric(b)
    // biome-ignore lint/suspicious/noDoubleEquals: bigint and number are compared by value
    return y !== undefined && x == y
  }
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b)
  if (a instanceof Range) return b instanceof Range && equalLists(a.items(), b.items())
  if (isDict(a)) return isDict(b) && equalDicts(a, b)
  if (a instanceof Bytes) return b instanceof Bytes && a.bytes.equals(b.bytes)
  if (a instanceof Instance)
    return b instanceof Instance && a.type === b.type && a.value !== undefined && a.value === b.value
  if (a instanceof Undefined || b instanceof Undefined) defined(a instanceof Undefined ? a : b)
  return false
}

const missing = Symbol('missing')

/** Python's keys are equal by value: 1, 1.0 and True are one key. */
function sameKey(map: ReadonlyMap<unknown, unknown>, key: unknown): unknown {
  if (typeof key === 'string' || key === null) return map.has(key) ? key : missing
  for (const candidate of map.keys()) {
    if (typeof candidate !== 'string' && equals(candidate, key)) return candidate
  }
  return missing
}

function hashable(key: unknown): void {
  defined(key)
  const bare = Array.isArray(key) && typeName(key) === 'list'
  if (bare || isDict(key)) throw typeFailure(`unhashable type: '${typeName(key)}'`)
}

function fill<T extends unknown[]>(view: T, items: readonly unknown[]): T {
  for (const item of items) view.push(item)
  return view
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (isTuple(a) !== isTuple(b) || a instanceof DictView !== b instanceof DictView) return false
  return a.length === b.length && a.every((item, i) => equals(item, b[i]))
}

function equalDicts(a: Dict, b: Dict): boolean {
  if (dictSize(a) !== dictSize(b)) return false
  return dictEntries(a).every(([key, value]) => dictHas(b, key) && equals(value, dictGet(b, key)))
}
