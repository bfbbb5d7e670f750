import { float } from './float.ts'

// The implicit types of YAML 1.1 as PyYAML's resolver matches them: no `y` and `n`, floats need a dot, octals begin with 0.
const nothing = /^(?:~|null|Null|NULL|)$/
const truth = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/
const untruth = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/
const integer = /^[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]+|0|[1-9][0-9_]*(?::[0-5]?[0-9])*)$/
const fraction =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)$/
const infinite = /^[-+]?\.(?:inf|Inf|INF)$/
const notANumber = /^\.(?:nan|NaN|NAN)$/

/** The value of a plain (unquoted) scalar as Ansible reads it. Dates stay strings. */
export function plainScalar(text: string): unknown {
  const first = text.charCodeAt(0)
  // most plain scalars are words: anything but a digit, sign, dot, ~ or a letter of the words above is a string at once
  if (Number.isNaN(first)) return null
  if ((first >= 0x30 && first <= 0x39) || first === 0x2d || first === 0x2b || first === 0x2e) return numeric(text)
  if (text.length > 5) return text
  if (truth.test(text)) return true
  if (untruth.test(text)) return false
  return nothing.test(text) ? null : text
}

function numeric(text: string): unknown {
  if (integer.test(text)) return whole(text.replaceAll('_', ''))
  if (fraction.test(text)) return float(real(text.replaceAll('_', '')))
  if (infinite.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  return notANumber.test(text) ? Number.NaN : text
}

function whole(text: string): unknown {
  const negative = text.startsWith('-')
  const digits = text.replace(/^[-+]/, '')
  const big = digits.includes(':')
    ? sexagesimal(digits)
    : BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits || '0')
  const value = negative ? -big : big
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

function sexagesimal(digits: string): bigint {
  return digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n)
}

function real(text: string): number {
  if (!text.includes(':')) return Number(text)
  const sign = text.startsWith('-') ? -1 : 1
  const parts = text.replace(/^[-+]/, '').split(':')
  return sign * parts.reduce((sum, part) => sum * 60 + Number(part), 0)
}
