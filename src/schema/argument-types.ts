import { humanToBytes } from '../template/filters/number.ts'
import { pythonText } from './python-text.ts'

/** A value that cannot be read as the type that is wanted; the message is Ansible's. */
export class Unfit extends Error {}

export const trueWords: readonly unknown[] = ['y', 'yes', 'on', '1', 'true', 't', 1, 1.0, true]
export const falseWords: readonly unknown[] = ['n', 'no', 'off', '0', 'false', 'f', 0, 0.0, false]

/** A value as a type of Ansible's argument specifications. Throws `Unfit`. */
export function convert(type: string, value: unknown): unknown {
  switch (type) {
    case 'str':
    case 'path':
      return pythonText(value)
    case 'bool':
      return toBool(value)
    case 'int': {
      if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value)
      if (typeof value === 'number' && Number.isInteger(value)) return value
      if (typeof value === 'string' && /^\s*[-+]?\d+(_\d+)*\s*$/.test(value)) return Number(value.replaceAll('_', ''))
      throw new Unfit(`${className(value)} cannot be converted to an int`)
    }
    case 'float': {
      if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return Number(value)
      if (isFloatObject(value)) return value
      if (typeof value === 'string' && /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(value)) return Number(value)
      throw new Unfit(`${className(value)} cannot be converted to a float`)
    }
    case 'list':
      if (Array.isArray(value)) return value
      if (typeof value === 'string') return value.split(',')
      if (typeof value === 'number' || typeof value === 'boolean' || isFloatObject(value)) return [pythonText(value)]
      throw new Unfit(`${className(value)} cannot be converted to a list`)
    case 'dict':
      return toDict(value)
    case 'bytes':
    case 'bits':
      try {
        return humanToBytes(pythonText(value), undefined, type === 'bits')
      } catch {
        throw new Unfit(`${className(value)} cannot be converted to a ${type === 'bits' ? 'Bit' : 'Byte'} value`)
      }
    default:
      return value
  }
}

function toBool(value: unknown): boolean {
  const plain = typeof value === 'string' ? value.toLowerCase().trim() : isFloatObject(value) ? Number(value) : value
  if (trueWords.includes(plain)) return true
  if (falseWords.includes(plain)) return false
  if (typeof plain !== 'string' && typeof plain !== 'number')
    throw new Unfit(`${className(value)} cannot be converted to a bool`)
  throw new Unfit(`The value '${pythonText(value)}' is not a valid boolean.`)
}

function toDict(value: unknown): unknown {
  if (isDict(value) || value instanceof Map) return value
  if (typeof value !== 'string') throw new Unfit(`${className(value)} cannot be converted to a dict`)
  if (value.startsWith('{')) {
    try {
      return JSON.parse(value)
    } catch {
      throw new Unfit('unable to evaluate string as dictionary')
    }
  }
  if (!value.includes('=')) throw new Unfit('dictionary requested, could not parse JSON or key=value')
  const pairs = value.trim().match(/(?:\\.|"[^"]*"|'[^']*'|[^\s,])+/g) ?? []
  return Object.fromEntries(
    pairs.map(pair => {
      const text = pair.replaceAll(/(["'])(.*?)\1/g, '$2').replaceAll(/\\(.)/g, '$1')
      const cut = text.indexOf('=')
      return [text.slice(0, cut), text.slice(cut + 1)]
    }),
  )
}

/** The class of a value, as Python shows it. */
export function className(value: unknown): string {
  const name =
    typeof value === 'string'
      ? 'str'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value === 'bigint' || Number.isInteger(value)
          ? 'int'
          : typeof value === 'number' || isFloatObject(value)
            ? 'float'
            : Array.isArray(value)
              ? 'list'
              : 'dict'
  return `<class '${name}'>`
}

export function isTrue(value: unknown): boolean {
  return trueWords.includes(typeof value === 'string' ? value.toLowerCase() : value)
}

/** A float with an integral value, as templates have it. */
function isFloatObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof value.valueOf() === 'number'
}

export function isDict(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
