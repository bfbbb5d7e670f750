import { didYouMean } from '../../near.ts'
import { contains, order } from '../python/compare.ts'
import { dictEntries } from '../python/dict.ts'
import { typeFailure, valueFailure } from '../python/fail.ts'
import { float, isDict, isList, numeric } from '../python/values.ts'
import { valuesOf } from './values.ts'

/** What an expression asks of a value. JMESPath's null is null. */
export type Query = (value: unknown) => unknown

type Run = (args: readonly unknown[]) => unknown

/** A function of JMESPath. Throws for a name that none has. */
export function functionNamed(name: string): Run {
  const run = Object.hasOwn(functions, name) ? functions[name] : undefined
  if (run !== undefined) return run
  const hint = didYouMean(name, Object.keys(functions))
  throw valueFailure(`json_query: there is no function \`${name}\`${hint ? `; ${hint}` : ''}`)
}

const functions: Readonly<Record<string, Run>> = {
  abs: ([value]) => Math.abs(number(value)),
  avg: ([value]) => (list(value).length === 0 ? null : float(total(value) / list(value).length)),
  ceil: ([value]) => Math.ceil(number(value)),
  contains: ([where, what]) => (typeof where === 'string' ? isPartOf(what, where) : contains(list(where), what)),
  ends_with: ([value, end]) => text(value).endsWith(text(end)),
  floor: ([value]) => Math.floor(number(value)),
  join: ([glue, value]) => list(value).map(text).join(text(glue)),
  keys: ([value]) => dict(value).map(([key]) => key),
  length: ([value]) =>
    typeof value === 'string' ? [...value].length : isDict(value) ? dict(value).length : list(value).length,
  map: ([query, value]) => list(value).map(item => asked(query)(item)),
  max: ([value]) => extreme(list(value), item => item, 1),
  max_by: ([value, query]) => extreme(list(value), asked(query), 1),
  merge: args => Object.fromEntries(args.flatMap(dict).map(([key, value]) => [String(key), value])),
  min: ([value]) => extreme(list(value), item => item, -1),
  min_by: ([value, query]) => extreme(list(value), asked(query), -1),
  not_null: args => args.find(value => value !== null) ?? null,
  reverse: ([value]) => (typeof value === 'string' ? [...value].reverse().join('') : [...list(value)].reverse()),
  sort: ([value]) => [...list(value)].sort((a, b) => order(a, b)),
  sort_by: ([value, query]) => [...list(value)].sort((a, b) => order(asked(query)(a), asked(query)(b))),
  starts_with: ([value, start]) => text(value).startsWith(text(start)),
  sum: ([value]) => total(value),
  to_array: ([value]) => (isList(value) ? value : [value]),
  to_number: ([value]) => toNumber(value),
  to_string: ([value]) => (typeof value === 'string' ? value : JSON.stringify(value)),
  type: ([value]) => typeName(value),
  values: ([value]) => valuesOf(value) ?? dict(value),
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'boolean'
  return isList(value) ? 'array' : isDict(value) ? 'object' : numeric(value) === undefined ? 'object' : 'number'
}

function wrong(value: unknown, wanted: string): Error {
  return typeFailure(`json_query: a function wants ${wanted}, not ${typeName(value)}`)
}

function list(value: unknown): readonly unknown[] {
  if (!isList(value)) throw wrong(value, 'a list')
  return value
}

function dict(value: unknown): [unknown, unknown][] {
  if (!isDict(value)) throw wrong(value, 'a mapping')
  return dictEntries(value)
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw wrong(value, 'a text')
  return value
}

function number(value: unknown): number {
  const found = typeof value === 'boolean' ? undefined : numeric(value)
  if (found === undefined) throw wrong(value, 'a number')
  return Number(found)
}

function total(value: unknown): number {
  return list(value)
    .map(number)
    .reduce((sum, one) => sum + one, 0)
}

function toNumber(value: unknown): unknown {
  if (typeof value !== 'string') return typeName(value) === 'number' ? value : null
  return /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(value) ? Number(value) : null
}

function isPartOf(part: unknown, whole: string): boolean {
  return typeof part === 'string' && whole.includes(part)
}

function asked(value: unknown): Query {
  if (typeof value !== 'function') throw wrong(value, 'an expression (`&name`)')
  return value as Query // a reference is given as the compiled query itself, see compile.ts
}

/** The item whose key is the greatest (`way` 1) or the least (-1); null of an empty list. */
function extreme(items: readonly unknown[], key: Query, way: 1 | -1): unknown {
  const [first, ...others] = items
  if (first === undefined) return null
  return others.reduce((best, item) => (order(key(item), key(best)) * way > 0 ? item : best), first)
}
