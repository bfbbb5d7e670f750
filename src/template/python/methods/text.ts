import { encode } from '../codec.ts'
import { typeFailure, unfit, valueFailure } from '../fail.ts'
import { iterate, length, truth } from '../iterate.ts'
import { asInt } from '../numbers.ts'
import { bind, required } from '../signature.ts'
import { slice } from '../slice.ts'
import { typeName } from '../types.ts'
import { Bytes, type Callable, isTuple, tuple } from '../values.ts'
import { caseMethods } from './text-case.ts'
import type { TextMethod } from './text-method.ts'
import { partsMethods } from './text-parts.ts'

/** A method of a Python str. */
export function textMethod(text: string, name: string): Callable | undefined {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined
  return method && ((args, kwargs) => method(text, args, kwargs))
}

/** The text of an argument. Throws `template.type` for other types. */
function asText(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  throw unfit(`${what} needs a str`, value)
}

function find(name: string, from: 'start' | 'end', missing: 'fails' | 'is -1'): TextMethod {
  return (text, args, kwargs) => {
    const [sub, start, stop] = bind(name, ['sub', 'start', 'end'], args, kwargs)
    const part = String(slice(text, start, stop, null))
    const offset = start === undefined ? 0 : Math.max(0, asInt(start) < 0 ? asInt(start) + text.length : asInt(start))
    const needle = asText(required(name, 'sub', sub), name)
    const found = from === 'start' ? part.indexOf(needle) : part.lastIndexOf(needle)
    if (found === -1 && missing === 'fails') throw valueFailure('substring not found')
    return found === -1 ? -1 : length(part.slice(0, found)) + offset
  }
}

function edge(name: string, meets: (text: string, affix: string) => boolean): TextMethod {
  return (text, args, kwargs) => {
    const [affix, start, stop] = bind(name, ['prefix', 'start', 'end'], args, kwargs)
    const part = String(slice(text, start, stop, null))
    if (isTuple(affix)) return affix.some(one => meets(part, asText(one, name)))
    return meets(part, asText(required(name, 'prefix', affix), name))
  }
}

const methods: Readonly<Record<string, TextMethod>> = {
  ...caseMethods,
  ...partsMethods,
  find: find('find', 'start', 'is -1'),
  rfind: find('rfind', 'end', 'is -1'),
  index: find('index', 'start', 'fails'),
  rindex: find('rindex', 'end', 'fails'),
  startswith: edge('startswith', (text, affix) => text.startsWith(affix)),
  endswith: edge('endswith', (text, affix) => text.endsWith(affix)),
  count: (text, args, kwargs) => {
    const [sub, start, stop] = bind('count', ['sub', 'start', 'end'], args, kwargs)
    const part = String(slice(text, start, stop, null))
    const needle = asText(required('count', 'sub', sub), 'count')
    return needle === '' ? length(part) + 1 : part.split(needle).length - 1
  },
  join: (text, args, kwargs) => {
    const [parts] = bind('join', ['iterable'], args, kwargs)
    return iterate(parts)
      .map((part, i) => {
        if (typeof part === 'string') return part
        throw typeFailure(`sequence item ${i}: expected str instance, ${typeName(part)} found`)
      })
      .join(text)
  },
  replace: (text, args, kwargs) => {
    const [old, by, count = -1] = bind('replace', ['old', 'new', 'count'], args, kwargs)
    return replaceText(text, asText(old, 'replace'), asText(by, 'replace'), asInt(count))
  },
  encode: (text, args, kwargs) => {
    const [encoding = 'utf-8'] = bind('encode', ['encoding', 'errors'], args, kwargs)
    return new Bytes(encode(text, asText(encoding, 'encode')))
  },
  splitlines: (text, args, kwargs) => {
    const [keep = false] = bind('splitlines', ['keepends'], args, kwargs)
    const lines =
      text.match(/[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]|$)/g) ?? []
    if (lines.at(-1) === '') lines.pop()
    return truth(keep) ? lines : lines.map(line => line.replace(/(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])$/, ''))
  },
  expandtabs: (text, args, kwargs) => {
    const [size = 8] = bind('expandtabs', ['tabsize'], args, kwargs)
    let column = 0
    return text.replace(/\t|[\n\r]|[^\t\n\r]+/g, part => {
      if (part === '\t') {
        const width = asInt(size) === 0 ? 0 : asInt(size) - (column % asInt(size))
        column += width
        return ' '.repeat(width)
      }
      column = /[\n\r]/.test(part) ? 0 : column + part.length
      return part
    })
  },
  translate: (text, args) => {
    const [table] = args
    if (!(table instanceof Map)) throw typeFailure('translate() needs a dict')
    return Array.from(text, char => {
      const code = char.codePointAt(0)
      const by: unknown = table.has(code) ? table.get(code) : char
      return by === null ? '' : typeof by === 'number' ? String.fromCodePoint(by) : String(by)
    }).join('')
  },
  partition: (text, args, kwargs) => {
    const separator = asText(bind('partition', ['sep'], args, kwargs)[0], 'partition')
    const at = text.indexOf(separator)
    return tuple(at === -1 ? [text, '', ''] : [text.slice(0, at), separator, text.slice(at + separator.length)])
  },
  rpartition: (text, args, kwargs) => {
    const separator = asText(bind('rpartition', ['sep'], args, kwargs)[0], 'rpartition')
    const at = text.lastIndexOf(separator)
    return tuple(at === -1 ? ['', '', text] : [text.slice(0, at), separator, text.slice(at + separator.length)])
  },
}

/** Python's `str.replace`: the first `count` places, all for a negative one. */
export function replaceText(text: string, old: string, by: string, count = -1): string {
  if (count < 0) return old === '' ? [...['', ...Array.from(text)].map(c => c + by)].join('') : text.split(old).join(by)
  const parts = old === '' ? ['', ...Array.from(text)] : text.split(old)
  let result = ''
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1
    const joint = i < count ? by : old
    result += part + (last && old !== '' ? '' : joint)
  }
  return result
}
