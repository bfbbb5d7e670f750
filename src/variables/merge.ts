import { hasTemplate } from '../template/template.ts'

type Dict = Readonly<Record<string, unknown>>

/** Two values of a name as `hash_behaviour: merge` has them: dictionaries go together, key by key; else the upper one wins. */
export function mergeHashes(upper: unknown, lower: unknown): unknown {
  if (!isPlainDict(upper) || !isPlainDict(lower)) return upper
  const merged: Record<string, unknown> = { ...lower }
  for (const [key, value] of Object.entries(upper))
    merged[key] = Object.hasOwn(lower, key) ? mergeHashes(value, lower[key]) : value
  return merged
}

export function isPlainDict(value: unknown): value is Dict {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** What a host said, written so that opening it as a template gives exactly that. */
export function asWritten(value: unknown): unknown {
  // what JSON escapes in a text, Jinja reads in the same way
  if (typeof value === 'string') return hasTemplate(value) ? `{{ ${JSON.stringify(value)} }}` : value
  if (Array.isArray(value)) return value.map(asWritten)
  if (!isPlainDict(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asWritten(item)]))
}
