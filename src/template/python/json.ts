import { orderText } from './compare.ts'
import { dictEntries, dictOf } from './dict.ts'
import { defined, typeFailure, valueFailure } from './fail.ts'
import { iterate } from './iterate.ts'
import { reprFloat, str } from './print.ts'
import { typeName } from './types.ts'
import { Bytes, DictView, Float, float, Instance, int, isDict, Range } from './values.ts'

export interface JsonStyle {
  /** Spaces, or the text, of one level; undefined: all on one line. */
  readonly indent?: number | string | undefined
  readonly sortKeys?: boolean
  readonly ensureAscii?: boolean
  readonly separators?: readonly [string, string] | undefined
}

/** Python's `json.dumps`. */
export function toJson(value: unknown, style: JsonStyle = {}): string {
  const [comma, colon] = style.separators ?? [style.indent === undefined ? ', ' : ',', ': ']
  return write(value, '\n', { ...style, comma, colon })
}

interface Style extends JsonStyle {
  readonly comma: string
  readonly colon: string
}

function write(value: unknown, newline: string, style: Style): string {
  if (typeof value === 'string') return quote(value, style)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number' || value instanceof Float) return number(value)
  defined(value)
  if (Array.isArray(value) || value instanceof Range) {
    if (value instanceof DictView) throw typeFailure(`Object of type ${typeName(value)} is not JSON serializable`)
    return wrap('[', ']', iterate(value), newline, style, (item, deeper) => write(item, deeper, style))
  }
  if (isDict(value)) {
    const entries = dictEntries(value).map(([key, item]) => [keyText(key), item] as const)
    if (style.sortKeys) entries.sort(([a], [b]) => orderText(a, b))
    return wrap('{', '}', entries, newline, style, ([key, item], deeper) => {
      return quote(key, style) + style.colon + write(item, deeper, style)
    })
  }
  if (value instanceof Instance && value.type === 'datetime') return quote(str(value).replace(' ', 'T'), style)
  if (value instanceof Bytes) return quote(value.bytes.toString('utf8'), style)
  throw typeFailure(`Object of type ${typeName(value)} is not JSON serializable`)
}

function wrap<T>(
  open: string,
  close: string,
  items: readonly T[],
  newline: string,
  style: Style,
  each: (item: T, newline: string) => string,
): string {
  if (items.length === 0) return open + close
  if (style.indent === undefined) return open + items.map(item => each(item, newline)).join(style.comma) + close
  const deeper = newline + (typeof style.indent === 'string' ? style.indent : ' '.repeat(style.indent))
  return open + deeper + items.map(item => each(item, deeper)).join(style.comma + deeper) + newline + close
}

function number(value: number | Float): string {
  if (value instanceof Float) return reprFloat(value.value)
  if (Number.isInteger(value)) return str(value)
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  return reprFloat(value)
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return key
  if (key === null || typeof key === 'boolean') return String(key)
  if (typeof key === 'number' || typeof key === 'bigint' || key instanceof Float) return str(key)
  throw typeFailure(`keys must be str, int, float, bool or None, not ${typeName(key)}`)
}

function quote(text: string, { ensureAscii = true }: JsonStyle): string {
  const quoted = JSON.stringify(text).replaceAll('\x7f', ensureAscii ? '\\u007f' : '\x7f')
  if (!ensureAscii) return quoted
  return quoted.replace(/[^\0-\x7f]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Python's `json.loads`: ints of any size, floats that stay floats, `NaN`. Throws `template.value`. */
export function fromJson(text: string): unknown {
  const reader = { text, at: 0 }
  const value = read(reader)
  space(reader)
  if (reader.at < text.length) throw wrong(reader, 'Extra data')
  return value
}

interface Reader {
  readonly text: string
  at: number
}

const whitespace = /[ \t\n\r]*/y
const stringToken = /"(?:[^"\\]|\\.)*"/sy
const numberToken = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y
const words: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]

function read(reader: Reader): unknown {
  space(reader)
  const char = reader.text[reader.at]
  if (char === '{') return readObject(reader)
  if (char === '[') return readList(reader)
  if (char === '"') return readString(reader)
  for (const [word, value] of words) {
    if (!reader.text.startsWith(word, reader.at)) continue
    reader.at += word.length
    return value
  }
  numberToken.lastIndex = reader.at
  const match = numberToken.exec(reader.text)
  if (!match) throw wrong(reader, 'Expecting value')
  reader.at += match[0].length
  return match[1] === undefined && match[2] === undefined ? int(BigInt(match[0])) : float(Number(match[0]))
}

function readObject(reader: Reader): unknown {
  const entries: [string, unknown][] = []
  reader.at++
  space(reader)
  while (reader.text[reader.at] !== '}') {
    if (entries.length > 0) take(reader, ',')
    space(reader)
    if (reader.text[reader.at] !== '"') throw wrong(reader, 'Expecting property name enclosed in double quotes')
    const key = readString(reader)
    space(reader)
    take(reader, ':')
    entries.push([key, read(reader)])
    space(reader)
  }
  reader.at++
  return dictOf(entries)
}

function readList(reader: Reader): unknown[] {
  const items: unknown[] = []
  reader.at++
  space(reader)
  while (reader.text[reader.at] !== ']') {
    if (items.length > 0) take(reader, ',')
    items.push(read(reader))
    space(reader)
  }
  reader.at++
  return items
}

function readString(reader: Reader): string {
  stringToken.lastIndex = reader.at
  const match = stringToken.exec(reader.text)
  if (!match) throw wrong(reader, 'Unterminated string')
  try {
    const value: unknown = JSON.parse(match[0])
    reader.at += match[0].length
    return String(value)
  } catch {
    throw wrong(reader, 'Invalid control character or escape')
  }
}

function space(reader: Reader): void {
  whitespace.lastIndex = reader.at
  reader.at += whitespace.exec(reader.text)?.[0].length ?? 0
}

function take(reader: Reader, char: string): void {
  if (reader.text[reader.at] !== char) throw wrong(reader, `Expecting '${char}'`)
  reader.at++
}

function wrong({ text, at }: Reader, what: string): Error {
  const before = text.slice(0, at).split('\n')
  return valueFailure(`not JSON: ${what}: line ${before.length} column ${(before.at(-1)?.length ?? 0) + 1}`)
}
