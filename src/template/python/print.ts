import { dictEntries } from './dict.ts'
import { defined, failure } from './fail.ts'
import { viewName } from './types.ts'
import { Bytes, DictView, Float, Instance, isCallable, isDict, isTuple, Omit, Range } from './values.ts'

/** Python's `str(value)`: what `{{ value }}` prints. Throws for undefined values and for `omit`. */
export function str(value: unknown): string {
  return typeof value === 'string' ? value : value instanceof Bytes ? reprBytes(value) : repr(value)
}

/** Python's `repr(value)`: how a value is printed inside a list or a dict. */
export function repr(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return reprText(value)
    case 'boolean':
      return value ? 'True' : 'False'
    case 'bigint':
      return String(value)
    case 'number':
      return Number.isInteger(value) ? reprInt(value) : reprFloat(value)
  }
  if (value === null || value === undefined) return 'None'
  defined(value)
  if (Array.isArray(value)) return reprList(value)
  if (value instanceof Float) return reprFloat(value.value)
  if (value instanceof Range) {
    return `range(${value.start}, ${value.stop}${value.step === 1 ? '' : `, ${value.step}`})`
  }
  if (value instanceof Bytes) return reprBytes(value)
  if (value instanceof Instance) return value.text()
  if (isCallable(value)) return `<function ${value.name}>`
  if (value instanceof Omit) {
    throw failure('value', '`omit` is no text', { hint: 'use `omit` as the whole value of an argument' })
  }
  if (isDict(value))
    return `{${dictEntries(value)
      .map(([k, v]) => `${repr(k)}: ${repr(v)}`)
      .join(', ')}}`
  return String(value)
}

/** Python's text of a float: as few digits as name it, `.0` when integral, an exponent from 1e16 on. */
export function reprFloat(n: number): string {
  if (Number.isNaN(n)) return 'nan'
  if (!Number.isFinite(n)) return n > 0 ? 'inf' : '-inf'
  if (Object.is(n, -0)) return '-0.0'
  const [mantissa = '', power = '0'] = n.toExponential().split('e')
  const exponent = Number(power)
  if (exponent < -4 || exponent >= 16) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  const digits = mantissa.replace(/[-.]/g, '')
  const sign = n < 0 ? '-' : ''
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`
}

function reprInt(n: number): string {
  return Number.isSafeInteger(n) ? String(n === 0 ? 0 : n) : String(BigInt(n))
}

function reprList(items: readonly unknown[]): string {
  const inner = items.map(repr).join(', ')
  if (items instanceof DictView) return `${viewName(items)}([${inner}])`
  if (isTuple(items)) return items.length === 1 ? `(${inner},)` : `(${inner})`
  return `[${inner}]`
}

function reprText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  let result = quote
  for (const char of text) result += reprChar(char, quote)
  return result + quote
}

function reprChar(char: string, quote: string): string {
  if (char === quote || char === '\\') return `\\${char}`
  const named = escapes[char]
  if (named !== undefined) return named
  if (!unprintable.test(char)) return char
  const code = char.codePointAt(0) ?? 0
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
/** What Python's `str.isprintable` refuses: control, format, surrogate, private and unassigned characters, separators but the space. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u

function reprBytes({ bytes }: Bytes): string {
  const quote = bytes.includes(39) && !bytes.includes(34) ? '"' : "'"
  let text = ''
  for (const byte of bytes) {
    const char = String.fromCharCode(byte)
    if (char === quote || char === '\\') text += `\\${char}`
    else if (byte >= 32 && byte < 127) text += char
    else text += escapes[char] ?? `\\x${byte.toString(16).padStart(2, '0')}`
  }
  return `b${quote}${text}${quote}`
}
