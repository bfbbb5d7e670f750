import { unfit, valueFailure } from '../fail.ts'
import { length } from '../iterate.ts'
import { asInt } from '../numbers.ts'
import { bind } from '../signature.ts'
import type { TextMethod } from './text-method.ts'

/** Methods that split, strip and pad. */
export const partsMethods: Readonly<Record<string, TextMethod>> = {
  split: splitting('split'),
  rsplit: splitting('rsplit'),
  strip: stripping('strip', true, true),
  lstrip: stripping('lstrip', true, false),
  rstrip: stripping('rstrip', false, true),
  center: padding('center', (text, room, fill, width) => {
    const left = Math.floor(room / 2) + (room & width & 1)
    return fill.repeat(left) + text + fill.repeat(room - left)
  }),
  ljust: padding('ljust', (text, room, fill) => text + fill.repeat(room)),
  rjust: padding('rjust', (text, room, fill) => fill.repeat(room) + text),
  zfill: (text, args, kwargs) => {
    const width = asInt(bind('zfill', ['width'], args, kwargs)[0])
    const sign = /^[+-]/.exec(text)?.[0] ?? ''
    return sign + '0'.repeat(Math.max(0, width - length(text))) + text.slice(sign.length)
  },
  removeprefix: (text, args) => (text.startsWith(String(args[0])) ? text.slice(String(args[0]).length) : text),
  removesuffix: (text, args) =>
    text.endsWith(String(args[0])) ? text.slice(0, text.length - String(args[0]).length) : text,
}

/** Python's `str.split(separator, most)`; without separator at any run of white space. */
export function splitText(text: string, separator: string | undefined, most: number): string[] {
  if (separator === '') throw valueFailure('empty separator')
  if (separator !== undefined) {
    const parts = text.split(separator)
    return most < 0 || parts.length <= most + 1 ? parts : [...parts.slice(0, most), parts.slice(most).join(separator)]
  }
  const parts: string[] = []
  let rest = trim(text, undefined, true, false)
  while (rest !== '') {
    if (most >= 0 && parts.length === most) return [...parts, trim(rest, undefined, false, true)]
    const gap = rest.search(/\s/)
    parts.push(gap === -1 ? rest : rest.slice(0, gap))
    rest = gap === -1 ? '' : trim(rest.slice(gap), undefined, true, false)
  }
  return parts
}

/** Python's `strip`, of one end or both. */
export function trim(text: string, chars: string | undefined, start: boolean, end: boolean): string {
  if (chars === undefined) {
    const left = start ? text.replace(/^[\s\x1c-\x1f\x85]+/, '') : text
    return end ? left.replace(/[\s\x1c-\x1f\x85]+$/, '') : left
  }
  const set = new Set(chars)
  const items = Array.from(text)
  let from = 0
  let to = items.length
  while (start && from < to && set.has(items[from] ?? '')) from++
  while (end && to > from && set.has(items[to - 1] ?? '')) to--
  return items.slice(from, to).join('')
}

function splitting(name: 'split' | 'rsplit'): TextMethod {
  return (text, args, kwargs) => {
    const [given, most = -1] = bind(name, ['sep', 'maxsplit'], args, kwargs)
    const separator = optionalText(given, name)
    if (name === 'split' || asInt(most) < 0) return splitText(text, separator, asInt(most))
    const mirrored = splitText(mirror(text), separator === undefined ? undefined : mirror(separator), asInt(most))
    return mirrored.map(mirror).reverse()
  }
}

function stripping(name: string, start: boolean, end: boolean): TextMethod {
  return (text, args, kwargs) => trim(text, optionalText(bind(name, ['chars'], args, kwargs)[0], name), start, end)
}

function padding(
  name: string,
  fillUp: (text: string, room: number, fill: string, width: number) => string,
): TextMethod {
  return (text, args, kwargs) => {
    const [given, fill = ' '] = bind(name, ['width', 'fillchar'], args, kwargs)
    const width = asInt(given)
    return fillUp(text, Math.max(0, width - length(text)), String(fill), width)
  }
}

function optionalText(value: unknown, what: string): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw unfit(`${what} needs a str`, value)
}

function mirror(text: string): string {
  return Array.from(text).reverse().join('')
}
