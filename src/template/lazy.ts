import { hasTemplate, holdsTemplate } from './has-template.ts'
import { setProperty } from './python/dict.ts'
import { isDict, isTuple, tuple } from './python/values.ts'

/** Opens one text; `path` names it for people (`config.url`). */
export type OpenText = (text: string, path: string) => unknown

/**
 * A value whose texts are opened when they are read: a list or a dict is copied, and each item that holds a
 * template is a getter that puts its value in its own place.
 */
export function lazily(value: unknown, path: string, open: OpenText): unknown {
  if (typeof value === 'string') return hasTemplate(value) ? open(value, path) : value
  if (!holdsTemplate(value)) return value
  if (isTuple(value)) return tuple(value.map((item, i) => lazily(item, `${path}[${i}]`, open)))
  if (Array.isArray(value)) {
    const copy: unknown[] = []
    for (const [i, item] of value.entries()) put(copy, i, item, `${path}[${i}]`, open)
    return copy
  }
  if (value instanceof Map) return lazyMap(value, path, open)
  if (!isDict(value)) return value
  const copy: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) put(copy, key, item, `${path}.${key}`, open)
  return copy
}

const live = new WeakSet<object>()

/** Marks a dictionary that makes its values when they are read (`hostvars`): it is never copied, for it may hold itself. */
export function liveDictionary<T extends object>(dictionary: T): T {
  live.add(dictionary)
  return dictionary
}

/** A copy of lists and dicts all the way down, for templates that change what they read. */
export function copied(value: unknown): unknown {
  if (isTuple(value)) return tuple(value.map(copied))
  if (Array.isArray(value)) return value.map(copied)
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, copied(item)]))
  if (!isDict(value) || live.has(value)) return value
  const copy: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) setProperty(copy, key, copied(item))
  return copy
}

function put(copy: object, key: string | number, item: unknown, path: string, open: OpenText): void {
  if (!holdsTemplate(item)) {
    Object.defineProperty(copy, key, { value: item, enumerable: true, configurable: true, writable: true })
    return
  }
  Object.defineProperty(copy, key, {
    enumerable: true,
    configurable: true,
    get: () => {
      const value = lazily(item, path, open)
      Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true })
      return value
    },
    set: (value: unknown) => {
      Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true })
    },
  })
}

/** A Map cannot have getters, so its items are opened at once. */
function lazyMap(map: ReadonlyMap<unknown, unknown>, path: string, open: OpenText): Map<unknown, unknown> {
  return new Map([...map].map(([key, item]) => [key, lazily(item, `${path}[${String(key)}]`, open)]))
}
