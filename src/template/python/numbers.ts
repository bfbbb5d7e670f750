import { failure, typeFailure, unfit, valueFailure } from './fail.ts'
import { typeName } from './types.ts'
import { type Float, float, int, isFloat, isInt, numeric } from './values.ts'

export type Arithmetic = '+' | '-' | '*' | '/' | '//' | '%' | '**'

type Numeric = number | bigint

/** Arithmetic of two numbers (booleans count) with Python's types; undefined when one of them is no number. */
export function arithmetic(operator: Arithmetic, a: unknown, b: unknown): unknown {
  const x = numeric(a)
  const y = numeric(b)
  if (x === undefined || y === undefined) return undefined
  if (operator === '/') return divide(x, y)
  if (isFloat(a) || isFloat(b)) return float(onFloats(operator, Number(x), Number(y)))
  return onInts(operator, x, y)
}

export function negate(value: unknown): unknown {
  const n = numeric(value)
  if (n === undefined) throw typeFailure(`bad operand type for unary -: '${typeName(value)}'`)
  if (isFloat(value)) return float(-Number(n))
  return typeof n === 'bigint' ? int(-n) : 0 - n
}

/** The JavaScript number of a number, or of a text when `text` allows it. Throws `template.type`. */
export function asNumber(value: unknown, what = 'a number is needed'): number {
  const n = numeric(value)
  if (n === undefined) throw unfit(what, value)
  return Number(n)
}

/** The JavaScript number of an int. Throws `template.type` for anything else. */
export function asInt(value: unknown, what = 'an int is needed'): number {
  if (typeof value === 'boolean') return Number(value)
  if (isInt(value)) return Number(value)
  throw unfit(what, value)
}

/** Python's `int(text, base)`; undefined when the text is none. */
export function parseInteger(text: string, base = 10): number | bigint | undefined {
  const bare = text
    .trim()
    .toLowerCase()
    .replace(/(?<=[0-9a-z])_(?=[0-9a-z])/g, '')
  const match = /^([+-]?)(0x|0o|0b)?([0-9a-z]+)$/.exec(bare)
  if (!match) return undefined
  const [, sign = '', prefix, body = ''] = match
  const radix = prefix === undefined ? undefined : prefix === '0x' ? 16 : prefix === '0o' ? 8 : 2
  let digits = body
  let actual = base
  if (radix !== undefined && (base === 0 || base === radix)) actual = radix
  else if (prefix !== undefined) digits = prefix + body
  if (actual === 0) actual = 10
  let result = 0n
  for (const char of digits) {
    const digit = Number.parseInt(char, 36)
    if (Number.isNaN(digit) || digit >= actual) return undefined
    result = result * BigInt(actual) + BigInt(digit)
  }
  return int(sign === '-' ? -result : result)
}

/** Python's `float(text)`; undefined when the text is none. */
export function parseFloating(text: string): number | undefined {
  const bare = text.trim().replace(/(?<=\d)_(?=\d)/g, '')
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(bare)
  if (special) {
    if (special[2]?.toLowerCase() === 'nan') return Number.NaN
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(bare) ? Number(bare) : undefined
}

/** Python's `round`: half goes to the even neighbour. */
export function roundHalfEven(n: number, digits: number): number {
  if (!Number.isFinite(n) || digits > 20) return n
  if (digits < 0) {
    const unit = 10 ** -digits
    return halfEven(n / unit) * unit
  }
  if (digits === 0) return halfEven(n)
  // toFixed rounds the exact binary value, as Python does, but for exact ties, which it rounds up.
  const scaled = n * 10 ** digits
  if (Math.abs(scaled % 1) === 0.5 && scaled / 10 ** digits === n && isExactTie(n, digits)) {
    return halfEven(scaled) / 10 ** digits
  }
  return Number(n.toFixed(digits))
}

function isExactTie(n: number, digits: number): boolean {
  const exact = n.toFixed(Math.min(100, digits + 30))
  return /^50*$/.test(exact.slice(exact.indexOf('.') + 1 + digits))
}

function halfEven(n: number): number {
  const floor = Math.floor(n)
  const rest = n - floor
  if (rest < 0.5) return floor
  if (rest > 0.5) return floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}

function divide(x: Numeric, y: Numeric): number | Float {
  if (Number(y) === 0) throw valueFailure('division by zero')
  return float(Number(x) / Number(y))
}

function onFloats(operator: Arithmetic, x: number, y: number): number {
  switch (operator) {
    case '+':
      return x + y
    case '-':
      return x - y
    case '*':
      return x * y
    case '//':
      if (y === 0) throw valueFailure('float floor division by zero')
      return Math.floor(x / y)
    case '%':
      if (y === 0) throw valueFailure('float modulo by zero')
      return floatModulo(x, y)
    default:
      return power(x, y)
  }
}

function floatModulo(x: number, y: number): number {
  const rest = x % y
  if (rest === 0) return y < 0 ? -0 : 0
  return rest < 0 !== y < 0 ? rest + y : rest
}

function power(x: number, y: number): number {
  if (x === 0 && y < 0) throw valueFailure('0.0 cannot be raised to a negative power')
  const result = x ** y
  if (Number.isNaN(result) && !Number.isNaN(x) && !Number.isNaN(y)) {
    throw valueFailure('a negative number to a fractional power is a complex number, which is not supported')
  }
  return result
}

function onInts(operator: Arithmetic, x: Numeric, y: Numeric): unknown {
  if ((operator === '//' || operator === '%') && Number(y) === 0) {
    throw valueFailure('integer division or modulo by zero')
  }
  if (operator === '**') return intPower(x, y)
  if (typeof x === 'number' && typeof y === 'number') {
    const quick = quickInts(operator, x, y)
    if (Number.isSafeInteger(quick)) return quick === 0 ? 0 : quick
  }
  return int(bigInts(operator, BigInt(x), BigInt(y)))
}

function quickInts(operator: Arithmetic, x: number, y: number): number {
  switch (operator) {
    case '+':
      return x + y
    case '-':
      return x - y
    case '*':
      return x * y
    case '//':
      return Number.isSafeInteger(x) ? Math.floor(x / y) : Number.NaN
    default:
      return x - y * Math.floor(x / y)
  }
}

function bigInts(operator: Arithmetic, x: bigint, y: bigint): bigint {
  switch (operator) {
    case '+':
      return x + y
    case '-':
      return x - y
    case '*':
      return x * y
    default: {
      const rest = ((x % y) + y) % y
      return operator === '%' ? rest : (x - rest) / y
    }
  }
}

function intPower(x: Numeric, y: Numeric): unknown {
  if (Number(y) < 0) {
    if (Number(x) === 0) throw valueFailure('0.0 cannot be raised to a negative power')
    return float(Number(x) ** Number(y))
  }
  const quick = Number(x) ** Number(y)
  if (Number.isSafeInteger(quick)) return quick
  if (Number(y) * Math.log2(Math.abs(Number(x))) > 1e6) throw failure('limit', 'the number would be too large')
  return int(BigInt(x) ** BigInt(y))
}
