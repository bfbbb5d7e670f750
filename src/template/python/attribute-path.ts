import { item } from './attributes.ts'
import { isInt, Undefined } from './values.ts'

/** Reads `a.b.0` (or an index) of each item, as `attribute=` of filters means it. */
export function attributePath(path: unknown, fallback?: unknown): (value: unknown) => unknown {
  const keys = isInt(path)
    ? [path]
    : String(path)
        .split('.')
        .map(key => (/^\d+$/.test(key) ? Number(key) : key))
  return value => {
    let found = value
    for (const key of keys) {
      found = item(found, key)
      if (found instanceof Undefined && fallback !== undefined) found = fallback
    }
    return found
  }
}
