import { type Filter, filter } from '../environment.ts'
import { dictEntries } from '../python/dict.ts'
import { defined, typeFailure, valueFailure } from '../python/fail.ts'
import { formatPercent } from '../python/format-percent.ts'
import { iterate, length, truth } from '../python/iterate.ts'
import { replaceText } from '../python/methods/text.ts'
import { capitalize } from '../python/methods/text-case.ts'
import { trim } from '../python/methods/text-parts.ts'
import { asInt, asNumber, parseFloating } from '../python/numbers.ts'
import { isDict, tuple } from '../python/values.ts'
import { optional, text } from './coerce.ts'
import { wrapText } from './wrap.ts'

/** Jinja2's filters of text. */
export const textFilters: Readonly<Record<string, Filter>> = {
  upper: filter([], value => text(value).toUpperCase()),
  lower: filter([], value => text(value).toLowerCase()),
  capitalize: filter([], value => capitalize(text(value))),
  title: filter([], value => titled(text(value))),
  string: filter([], value => text(value)),
  trim: filter(['chars'], (value, [chars]) => trim(text(value), optional(chars), true, true)),
  replace: filter(['old', 'new', 'count'], (value, [old, by, count]) => {
    const times = count === undefined || count === null ? -1 : asInt(count)
    return replaceText(text(value), text(old), text(by), times)
  }),
  center: filter(['width'], (value, [width = 80]) => {
    const room = Math.max(0, asInt(width) - length(text(value)))
    const left = Math.floor(room / 2) + (room & asInt(width) & 1)
    return ' '.repeat(left) + text(value) + ' '.repeat(room - left)
  }),
  format: {
    run: (value, args, { kwargs }) => {
      const names = Object.keys(kwargs)
      if (names.length > 0 && args.length > 0) throw typeFailure('format takes values by place or by name, not both')
      return formatPercent(text(value), names.length > 0 ? new Map(Object.entries(kwargs)) : tuple(args))
    },
  },
  indent: filter(['width', 'first', 'blank'], (value, [width = 4, first = false, blank = false]) => {
    const space = typeof width === 'string' ? width : ' '.repeat(Math.max(0, asInt(width)))
    const [head = '', ...rest] = text(value).split('\n')
    const lines = rest.map(line => (line === '' && !truth(blank) ? line : space + line))
    return (truth(first) ? space : '') + [head, ...lines].join('\n')
  }),
  truncate: filter(
    ['length', 'killwords', 'end', 'leeway'],
    (value, [size = 255, kill = false, end = '...', leeway = 5]) => {
      const chars = Array.from(text(value))
      const [most, tail] = [asInt(size), text(end)]
      if (length(value) <= most + (leeway === null ? 5 : asInt(leeway))) return value
      if (most < length(tail)) throw valueFailure(`expected length >= ${length(tail)}, got ${most}`)
      const cut = chars.slice(0, most - length(tail)).join('')
      if (truth(kill)) return cut + tail
      const gap = cut.lastIndexOf(' ')
      return (gap === -1 ? cut : cut.slice(0, gap)) + tail
    },
  ),
  wordcount: filter([], value => text(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  wordwrap: filter(
    ['width', 'break_long_words', 'wrapstring', 'break_on_hyphens'],
    (value, [width = 79, long = true, joint = '\n', hyphens = true]) =>
      text(value)
        .split(/\r\n|[\n\r\v\f]/)
        .map(line => wrapText(line, asInt(width), truth(long), truth(hyphens)).join(optional(joint) ?? '\n'))
        .join(optional(joint) ?? '\n'),
  ),
  striptags: filter([], value =>
    unescaped(text(value).replace(/<!--.*?-->|<[^>]*>/gs, ''))
      .trim()
      .replace(/\s+/g, ' '),
  ),
  e: filter([], value => escaped(text(value))),
  escape: filter([], value => escaped(text(value))),
  forceescape: filter([], value => escaped(text(value))),
  safe: filter([], value => text(value)),
  urlencode: filter([], value => urlencoded(defined(value))),
  xmlattr: filter(['autospace'], (value, [space = true]) => {
    const pairs = isDict(defined(value)) ? dictEntries(value as Map<unknown, unknown>) : [] // isDict does not narrow through defined()
    const attributes = pairs.filter(([, v]) => v !== null).map(([k, v]) => `${escaped(text(k))}="${escaped(text(v))}"`)
    return (truth(space) && attributes.length > 0 ? ' ' : '') + attributes.join(' ')
  }),
  filesizeformat: filter(['binary'], (value, [binary = false]) => fileSize(value, truth(binary))),
}

function titled(value: string): string {
  return value.replace(/[^-\s({[<]+/g, capitalize)
}

function escaped(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll("'", '&#39;')
    .replaceAll('"', '&#34;')
}

function unescaped(value: string): string {
  return value
    .replace(/&#(\d+);/g, (_all, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}

/** Per cent escapes; in a text `/` stays, in a query a space is `+`. */
function urlencoded(value: unknown): string {
  if (typeof value === 'string') return percent(value, '/')
  if (!isDict(value) && !Array.isArray(value)) return percent(text(value), '/')
  const pairs = isDict(value) ? dictEntries(value) : iterate(value).map(pair => iterate(pair))
  return pairs.map(([key, item]) => `${query(text(key))}=${query(text(item))}`).join('&')
}

function percent(value: string, keep: string): string {
  return value.replace(/[^\w.~-]/gu, char => {
    if (char === keep) return char
    return Array.from(Buffer.from(char, 'utf8'), byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(
      '',
    )
  })
}

function query(value: string): string {
  return percent(value, '').replaceAll('%20', '+')
}

function fileSize(value: unknown, binary: boolean): string {
  const size = typeof value === 'string' ? (parseFloating(value) ?? Number.NaN) : asNumber(value)
  const base = binary ? 1024 : 1000
  if (size === 1) return '1 Byte'
  if (size < base) return `${Math.trunc(size)} Bytes`
  const letters = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']
  const power = Math.min(letters.length, Math.floor(Math.log(size) / Math.log(base) + 1e-12))
  const letter = letters[power - 1] ?? 'k'
  return `${(size / base ** power).toFixed(1)} ${binary ? `${letter.toUpperCase()}iB` : `${letter}B`}`
}
