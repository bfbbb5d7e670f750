import { type Filter, filter } from '../environment.ts'
import { defined, failure, typeFailure, valueFailure } from '../python/fail.ts'
import { formatPercent } from '../python/format-percent.ts'
import { truth } from '../python/iterate.ts'
import { asInt, asNumber, negate, parseFloating, parseInteger, roundHalfEven } from '../python/numbers.ts'
import { operate } from '../python/operators.ts'
import { str } from '../python/print.ts'
import { typeName } from '../python/types.ts'
import { Float, float, int, isFloat, isInt, numeric } from '../python/values.ts'
import { optional, text } from './coerce.ts'

/** Filters of numbers, Jinja2's and Ansible's. */
export const numberFilters: Readonly<Record<string, Filter>> = {
  abs: filter([], value => {
    const n = numeric(defined(value))
    if (n === undefined) throw typeFailure(`bad operand type for abs(): '${typeName(value)}'`)
    if (n < 0 || Object.is(n, -0)) return negate(value)
    return typeof value === 'boolean' ? n : value
  }),
  int: filter(['default', 'base'], (value, [fallback = 0, base = 10]) => toInt(value, asInt(base)) ?? fallback),
  float: filter(['default'], (value, [fallback = new Float(0)]) => {
    if (typeof value === 'string') {
      const n = parseFloating(value)
      return n === undefined ? fallback : float(n)
    }
    const n = numeric(defined(value))
    return n === undefined ? fallback : float(Number(n))
  }),
  round: filter(['precision', 'method'], (value, [precision = 0, method = 'common']) => {
    const [n, digits] = [asNumber(value), asInt(precision)]
    if (method === 'common') return isFloat(value) ? float(roundHalfEven(n, digits)) : roundInt(value, digits)
    if (method !== 'ceil' && method !== 'floor') throw valueFailure('method must be common, ceil or floor')
    const unit = 10 ** digits
    return float((method === 'ceil' ? Math.ceil(n * unit) : Math.floor(n * unit)) / unit)
  }),
  pow: filter(['y'], (value, [power]) => float(asNumber(operate('**', value, power)))),
  log: filter(['base'], (value, [base = Math.E]) => {
    const [n, b] = [asNumber(value), asNumber(base)]
    if (n <= 0) throw valueFailure('math domain error')
    if (b === 1) throw valueFailure('float division by zero')
    return float(b === 10 ? Math.log10(n) : b === Math.E ? Math.log(n) : Math.log(n) / Math.log(b))
  }),
  root: filter(['base'], (value, [base = 2]) => {
    const n = asNumber(value)
    if (n < 0) throw valueFailure('math domain error')
    if (asNumber(base) === 0) throw valueFailure('float division by zero')
    return float(asNumber(base) === 2 ? Math.sqrt(n) : n ** (1 / asNumber(base)))
  }),
  human_readable: filter(['isbits', 'unit'], (value, [bits = false, unit]) =>
    humanReadable(asNumber(value), truth(bits), optional(unit)),
  ),
  human_to_bytes: filter(['default_unit', 'isbits'], (value, [unit, bits = false]) =>
    humanToBytes(text(value), optional(unit), truth(bits)),
  ),
}

/** Python's `int(value, base)`, and the int before the point of a number's text; undefined for anything else. */
function toInt(value: unknown, base: number): number | bigint | undefined {
  if (typeof value === 'string') {
    const whole = parseInteger(value, base)
    if (whole !== undefined) return whole
    return truncated(parseFloating(value))
  }
  defined(value)
  if (isInt(value)) return value
  const n = numeric(value)
  return n === undefined ? undefined : truncated(Number(n))
}

function truncated(n: number | undefined): number | bigint | undefined {
  return n === undefined || !Number.isFinite(n) ? undefined : int(BigInt(Math.trunc(n)))
}

function roundInt(value: unknown, digits: number): unknown {
  if (digits >= 0) return typeof value === 'boolean' ? asNumber(value) : value
  return roundHalfEven(asNumber(value), digits)
}

const units: Readonly<Record<string, number>> = {
  Y: 2 ** 80,
  Z: 2 ** 70,
  E: 2 ** 60,
  P: 2 ** 50,
  T: 2 ** 40,
  G: 2 ** 30,
  M: 2 ** 20,
  K: 2 ** 10,
  B: 1,
}

function humanReadable(size: number, bits: boolean, unit: string | undefined): string {
  const wanted = unit?.toUpperCase()
  const found = Object.entries(units).find(([letter, limit]) =>
    wanted === undefined ? size >= limit || letter === 'B' : letter === wanted[0],
  )
  const [letter, limit] = found ?? ['B', 1]
  const base = bits ? 'bits' : 'Bytes'
  const suffix = letter === 'B' ? base : `${letter}${bits ? 'b' : 'B'}`
  return `${formatPercent('%.2f', size / limit)} ${suffix}`
}

/** Ansible's `human_to_bytes`. Throws `template.value`. */
export function humanToBytes(size: string, fallback: string | undefined, bits: boolean): number {
  const match = /^\s*(\d*\.?\d*)\s*([A-Za-z]+)?\s*$/.exec(size)
  const number = match?.[1] === '' ? undefined : match?.[1]
  if (!match || number === undefined) throw valueFailure(`human_to_bytes cannot read ${str(size)}`)
  const unit = match[2] ?? fallback
  if (unit === undefined || unit === '') return Math.round(Number(number))
  const limit = units[unit[0]?.toUpperCase() ?? '']
  const [letter, word] = bits ? ['b', 'bit'] : ['B', 'byte']
  const fits = unit.length === 1 || unit[1] === letter || unit.toLowerCase().includes(word)
  if (limit === undefined || !fits) {
    throw failure('value', `human_to_bytes does not know the unit ${unit}`, {
      hint: `a number and one of ${Object.keys(units).join(', ')}`,
    })
  }
  return Math.round(Number(number) * limit)
}
