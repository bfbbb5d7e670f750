import { failure, valueFailure } from '../python/fail.ts'
import { formatPercent } from '../python/format-percent.ts'
import { asInt, parseInteger } from '../python/numbers.ts'
import { str } from '../python/print.ts'
import type { Keywords } from '../python/values.ts'

/** Texts of numbers: `start=1 end=3 stride=1 format=host%02d`, `count=3`, or the short `1-9/2:host%02d`. */
export function sequence(terms: readonly unknown[], kwargs: Keywords): string[] {
  const given = terms.length > 0 ? terms.map(str) : ['']
  return given.flatMap(term => one(settingsOf(term, kwargs)))
}

interface Settings {
  readonly start: number | undefined
  readonly end: number | undefined
  readonly count: number | undefined
  readonly stride: number | undefined
  readonly format: string
}

function settingsOf(term: string, kwargs: Keywords): Settings {
  const short = /^(?:(0?x?[\da-f]+)-)?(0?x?[\da-f]+)(?:\/([+-]?0?x?[\da-f]+))?(?::(.+))?$/i.exec(term)
  if (short) {
    const [, start, end, stride, format = '%d'] = short
    return { start: number(start), end: number(end), stride: number(stride), count: undefined, format }
  }
  const pairs = new Map<string, unknown>(Object.entries(kwargs))
  for (const part of term.split(/\s+(?=[a-z]+=)/).filter(piece => piece !== '')) {
    const at = part.indexOf('=')
    if (at === -1) throw valueFailure(`sequence cannot read ${part}: it takes start, end, count, stride and format`)
    pairs.set(part.slice(0, at), part.slice(at + 1))
  }
  for (const name of pairs.keys()) {
    if (!['start', 'end', 'count', 'stride', 'format'].includes(name)) {
      throw valueFailure(`sequence does not know ${name}: it takes start, end, count, stride and format`)
    }
  }
  return {
    start: number(pairs.get('start')),
    end: number(pairs.get('end')),
    count: number(pairs.get('count')),
    stride: number(pairs.get('stride')),
    format: str(pairs.get('format') ?? '%d'),
  }
}

function one({ start = 1, end, count, stride: given, format }: Settings): string[] {
  if (end === undefined && count === undefined) throw valueFailure('sequence needs count or end')
  if (end !== undefined && count !== undefined) throw valueFailure('sequence takes count or end, not both')
  if (count === 0) return []
  const stride = given ?? 1
  const last = end ?? start + ((count ?? 1) - 1) * stride
  if (stride > 0 && last < start) throw valueFailure('to count backwards make stride negative')
  if (stride < 0 && last > start) throw valueFailure('to count forward do not make stride negative')
  if (stride === 0) return []
  const length = Math.floor((last - start) / stride) + 1
  if (length > 10_000_000) throw failure('limit', 'sequence would give more than 10 million items')
  return Array.from({ length }, (_, i) => formatPercent(format, start + i * stride))
}

function number(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') return asInt(value)
  const n = parseInteger(value, 0) ?? parseInteger(value)
  if (n === undefined) throw valueFailure(`sequence needs ints, not ${value}`)
  return Number(n)
}
