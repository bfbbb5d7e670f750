import { typeFailure, valueFailure } from './fail.ts'
import { asNumber, roundHalfEven } from './numbers.ts'
import { reprFloat, str } from './print.ts'
import { typeName } from './types.ts'
import { Instance, isFloat, isInt } from './values.ts'

interface Spec {
  readonly fill: string
  readonly align: string
  readonly sign: string
  readonly alternate: boolean
  readonly width: number
  readonly grouping: string
  readonly precision: number | undefined
  readonly type: string
}

/** Python's `format(value, spec)` with the format specification mini-language. */
export function format(value: unknown, text: string): string {
  if (value instanceof Instance) {
    const strftime = value.get('strftime')
    return text !== '' && typeof strftime === 'function' ? str(strftime([text], {})) : value.text()
  }
  if (text === '') return str(value)
  const spec = parse(text, value)
  if (typeof value === 'string') return formatText(value, spec)
  if (isInt(value) || isFloat(value) || typeof value === 'boolean') {
    if (typeof value === 'boolean' && spec.type === '') return formatText(str(value), spec)
    return formatNumber(value, spec)
  }
  throw typeFailure(`unsupported format string passed to ${typeName(value)}.__format__`)
}

/** Digits of a number without sign in the type of `%` and `format` (d, f, e, g, x, …). */
export function digits(value: unknown, type: string, precision: number | undefined, alternate = false): string {
  const n = Math.abs(asNumber(value))
  switch (type) {
    case 'd':
    case 'i':
    case 'u':
      return integer(value, 10)
    case 'x':
      return (alternate ? '0x' : '') + integer(value, 16)
    case 'X':
      return (alternate ? '0X' : '') + integer(value, 16).toUpperCase()
    case 'o':
      return (alternate ? '0o' : '') + integer(value, 8)
    case 'b':
      return (alternate ? '0b' : '') + integer(value, 2)
    case 'f':
    case 'F':
      return fixed(n, precision ?? 6, alternate)
    case '%':
      return `${fixed(n * 100, precision ?? 6, alternate)}%`
    case 'e':
    case 'E': {
      const text = exponential(n, precision ?? 6)
      return type === 'E' ? text.toUpperCase() : text
    }
    case 'g':
    case 'G':
    case 'n': {
      const text = general(n, precision ?? 6, alternate)
      return type === 'G' ? text.toUpperCase() : text
    }
    default:
      throw valueFailure(`Unknown format code '${type}' for object of type '${typeName(value)}'`)
  }
}

export function isNegative(value: unknown): boolean {
  const n = asNumber(value)
  return n < 0 || Object.is(n, -0)
}

function parse(text: string, value: unknown): Spec {
  const match = /^(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/su.exec(text)
  if (!match) throw valueFailure(`Invalid format specifier '${text}' for object of type '${typeName(value)}'`)
  const [, fill, align, sign = '-', alternate, zero, width = '0', grouping = '', precision, type = ''] = match
  return {
    fill: fill ?? (zero ? '0' : ' '),
    align: align ?? (zero && typeof value !== 'string' ? '=' : ''),
    sign,
    alternate: alternate !== undefined,
    width: Number(width),
    grouping,
    precision: precision === undefined ? undefined : Number(precision),
    type,
  }
}

function formatText(value: string, spec: Spec): string {
  if (spec.type !== '' && spec.type !== 's') {
    throw valueFailure(`Unknown format code '${spec.type}' for object of type 'str'`)
  }
  const text = spec.precision === undefined ? value : Array.from(value).slice(0, spec.precision).join('')
  return pad('', text, spec, spec.align === '' || spec.align === '=' ? '<' : spec.align)
}

function formatNumber(value: unknown, spec: Spec): string {
  if (spec.type === 'c') return pad('', String.fromCodePoint(asNumber(value)), spec, spec.align || '<')
  const sign = isNegative(value) ? '-' : spec.sign === '-' ? '' : spec.sign
  return pad(sign, group(body(value, spec), spec.grouping), spec, spec.align === '' ? '>' : spec.align)
}

function body(value: unknown, spec: Spec): string {
  if (spec.type !== '') {
    if (isFloat(value) && 'dxXobc'.includes(spec.type)) {
      throw valueFailure(`Unknown format code '${spec.type}' for object of type 'float'`)
    }
    return digits(value, spec.type, spec.precision, spec.alternate)
  }
  if (!isFloat(value)) return integer(value, 10)
  if (spec.precision === undefined) return reprFloat(Math.abs(Number(value)))
  const text = general(Math.abs(Number(value)), spec.precision, spec.alternate)
  return /[.e]|inf|nan/.test(text) ? text : `${text}.0`
}

function pad(sign: string, text: string, { fill, width }: Spec, align: string): string {
  const room = Math.max(0, width - sign.length - Array.from(text).length)
  if (align === '=') return sign + fill.repeat(room) + text
  if (align === '<') return sign + text + fill.repeat(room)
  if (align === '^') {
    const left = Math.floor(room / 2)
    return fill.repeat(left) + sign + text + fill.repeat(room - left)
  }
  return fill.repeat(room) + sign + text
}

function group(text: string, separator: string): string {
  if (separator === '') return text
  return text.replace(/^\d+/, whole => whole.replace(/\B(?=(\d{3})+$)/g, separator))
}

function integer(value: unknown, radix: number): string {
  if (typeof value === 'bigint') return (value < 0n ? -value : value).toString(radix)
  const n = Math.trunc(Math.abs(asNumber(value)))
  if (!Number.isFinite(n)) throw valueFailure(`cannot convert float ${reprFloat(n)} to integer`)
  return Number.isSafeInteger(n) ? n.toString(radix) : BigInt(n).toString(radix)
}

function fixed(n: number, precision: number, alternate: boolean): string {
  if (!Number.isFinite(n)) return reprFloat(n)
  const rounded = roundHalfEven(n, precision)
  const text =
    rounded >= 1e21
      ? `${BigInt(rounded)}${precision > 0 ? `.${'0'.repeat(precision)}` : ''}`
      : rounded.toFixed(precision)
  return alternate && precision === 0 ? `${text}.` : text
}

function exponential(n: number, precision: number): string {
  if (!Number.isFinite(n)) return reprFloat(n)
  return n.toExponential(Math.min(100, precision)).replace(/e([+-])(\d)$/, 'e$10$2')
}

function general(n: number, precision: number, alternate: boolean): string {
  if (!Number.isFinite(n)) return reprFloat(n)
  const significant = Math.max(1, precision)
  const exponent = n === 0 ? 0 : Number(n.toExponential(significant - 1).split('e')[1])
  if (exponent < -4 || exponent >= significant) {
    const text = exponential(n, significant - 1)
    return alternate ? text : text.replace(/\.?0*e/, 'e')
  }
  const text = fixed(n, significant - 1 - exponent, alternate)
  return alternate || !text.includes('.') ? text : text.replace(/\.?0+$/, '')
}
