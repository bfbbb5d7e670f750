import { pythonText } from '../../schema/python-text.ts'

/** JSON as Python writes it by default: a blank behind `,` and `:`, and nothing but ASCII. */
export function jsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`
  if (value instanceof Map) return jsonText(Object.fromEntries(value))
  if (typeof value === 'object' && value !== null && typeof value.valueOf() === 'object') {
    return `{${Object.entries(value)
      .map(([key, item]) => `${jsonText(key)}: ${jsonText(item)}`)
      .join(', ')}}`
  }
  if (typeof value === 'bigint') return value.toString()
  // floats come as numbers, and as objects that hold one
  if (typeof value?.valueOf() === 'number') return pythonText(value)
  const text = JSON.stringify(value) ?? 'null'
  return text.replace(/[\u007f-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
