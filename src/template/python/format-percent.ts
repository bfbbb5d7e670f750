import { dictGet } from './dict.ts'
import { defined, failure, typeFailure, valueFailure } from './fail.ts'
import { digits, isNegative } from './format-spec.ts'
import { asInt } from './numbers.ts'
import { repr, str } from './print.ts'
import { typeName } from './types.ts'
import { isDict, isList, isTuple, numeric } from './values.ts'

/** Python's `template % values`. */
export function formatPercent(template: string, values: unknown): string {
  const list = isTuple(values) ? [...values] : [values]
  let next = 0
  const take = (): unknown => {
    if (next >= list.length) throw typeFailure('not enough arguments for format string')
    return list[next++]
  }
  const directive = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?(.)?/gsu
  const text = template.replace(
    directive,
    (whole, key?: string, flags = '', width?: string, precision?: string, type?: string) => {
      if (type === undefined) throw valueFailure('incomplete format')
      if (type === '%') return '%'
      const wide = width === '*' ? asInt(take()) : Number(width ?? 0)
      const precise =
        precision === '*'
          ? asInt(take())
          : precision === undefined
            ? /\.\D?$/.test(whole)
              ? 0
              : undefined
            : Number(precision)
      const value = key === undefined ? take() : byKey(values, key)
      return pad(convert(value, type, flags, precise), flags, wide, type)
    },
  )
  // Python takes a list for a mapping here, and does not mind what is left over in one.
  if (next < list.length && !isDict(values) && !isList(values)) {
    throw typeFailure('not all arguments converted during string formatting')
  }
  return text
}

function byKey(values: unknown, key: string): unknown {
  if (!isDict(values)) throw typeFailure('format requires a mapping')
  const value = dictGet(values, key)
  if (value === undefined) throw failure('value', `'${key}' is not among the values of the format`)
  return value
}

function convert(value: unknown, type: string, flags: string, precision: number | undefined): string {
  if (type === 's' || type === 'r' || type === 'a') {
    const text = type === 's' ? str(value) : repr(value)
    return precision === undefined ? text : Array.from(text).slice(0, precision).join('')
  }
  if (type === 'c') return typeof value === 'string' ? value : String.fromCodePoint(asInt(value))
  if (!'diuoxXeEfFgG'.includes(type)) throw valueFailure(`unsupported format character '${type}'`)
  if (numeric(defined(value)) === undefined) {
    const needed = 'eEfFgG'.includes(type) ? 'must be real number' : `%${type} format: a real number is required`
    throw typeFailure(`${needed}, not ${typeName(value)}`)
  }
  const sign = isNegative(value) ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  const body = digits(value, type, precision, flags.includes('#'))
  return sign + ('diu'.includes(type) && precision !== undefined ? body.padStart(precision, '0') : body)
}

function pad(text: string, flags: string, width: number, type: string): string {
  const room = Math.max(0, width - Array.from(text).length)
  if (flags.includes('-')) return text + ' '.repeat(room)
  if (flags.includes('0') && !'srac'.includes(type)) {
    return text.replace(/^([-+ ]?(?:0[xXob])?)/, `$1${'0'.repeat(room)}`)
  }
  return ' '.repeat(room) + text
}
