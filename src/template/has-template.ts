import { isDict } from './python/values.ts'

/** Whether a text has anything for the template language: `{{`, `{%` or `{#`. */
export function hasTemplate(text: string): boolean {
  for (let i = text.indexOf('{'); i !== -1; i = text.indexOf('{', i + 1)) {
    const next = text[i + 1]
    if (next === '{' || next === '%' || next === '#') return true
  }
  return false
}

/** Whether a template stands anywhere in the value, in keys too. */
export function holdsTemplate(value: unknown): boolean {
  if (typeof value === 'string') return hasTemplate(value)
  if (typeof value !== 'object' || value === null) return false
  const known = answers.get(value)
  if (known !== undefined) return known
  const answer = looksInside(value)
  answers.set(value, answer)
  return answer
}

/** What was found before: variables are read again and again, and are not changed. */
const answers = new WeakMap<object, boolean>()

function looksInside(value: object): boolean {
  if (Array.isArray(value)) return value.some(holdsTemplate)
  if (value instanceof Map) return [...value].some(([key, item]) => holdsTemplate(key) || holdsTemplate(item))
  return isDict(value) && Object.entries(value).some(([key, item]) => hasTemplate(key) || holdsTemplate(item))
}
