export { simpleEscapes } from '../template/language/escapes.ts'

/** The text of a value as Python's `str` gives it: `True`, `None`, `1e-05`, `['a', 1]`. */
export function pythonText(value: unknown): string {
  return typeof value === 'string' ? value : represent(value)
}

function represent(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return numberText(value)
  if (Array.isArray(value)) return `[${value.map(represent).join(', ')}]`
  if (value instanceof Map) return dictText([...value])
  if (typeof value !== 'object') return String(value)
  const inner = value.valueOf()
  if (typeof inner === 'number') {
    const text = numberText(inner)
    return /^-?\d+$/.test(text) ? `${text}.0` : text
  }
  if (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null) {
    return dictText(Object.entries(value))
  }
  if (Symbol.iterator in value) return String(value)
  return dictText(Object.entries(value))
}

function dictText(entries: readonly (readonly [unknown, unknown])[]): string {
  return `{${entries.map(([key, item]) => `${represent(key)}: ${represent(item)}`).join(', ')}}`
}

function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(mark, `\\${mark}`)
  return mark + escaped + mark
}

/** Integral numbers are ints. Python writes floats of 1e16 and more, and those below 1e-4, with an exponent of two digits. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Number.isInteger(value)) return BigInt(value).toString()
  const size = Math.abs(value)
  if (size >= 1e-4) return String(value)
  return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2')
}
