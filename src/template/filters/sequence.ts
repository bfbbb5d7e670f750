import { type Filter, filter } from '../environment.ts'
import { attributePath } from '../python/attribute-path.ts'
import { order } from '../python/compare.ts'
import { dictEntries, equals, itemsView } from '../python/dict.ts'
import { defined, typeFailure, valueFailure } from '../python/fail.ts'
import { iterate, length, truth } from '../python/iterate.ts'
import { asInt } from '../python/numbers.ts'
import { operate } from '../python/operators.ts'
import { str } from '../python/print.ts'
import { typeName } from '../python/types.ts'
import { isDict, tuple, Undefined } from '../python/values.ts'

/** Jinja2's filters of lists and dicts that ask for no other filter or test. */
export const sequenceFilters: Readonly<Record<string, Filter>> = {
  length: filter([], value => length(value)),
  count: filter([], value => length(value)),
  list: filter([], value => [...iterate(value)]),
  first: filter([], value => firstOf(iterate(value), 'first')),
  last: filter([], value => firstOf(iterate(value).toReversed(), 'last')),
  reverse: filter([], value => {
    const items = iterate(value).toReversed()
    return typeof value === 'string' ? items.join('') : items
  }),
  join: filter(['d', 'attribute'], (value, [separator = '', attribute]) => {
    const get = attribute === undefined || attribute === null ? undefined : attributePath(attribute)
    return iterate(value)
      .map(item => str(get ? get(item) : item))
      .join(str(separator))
  }),
  sum: filter(['attribute', 'start'], (value, [attribute, start = 0]) => {
    const get = attribute === undefined || attribute === null ? undefined : attributePath(attribute)
    return iterate(value).reduce((sum, item) => operate('+', sum, get ? get(item) : item), start)
  }),
  min: filter(['case_sensitive', 'attribute'], (value, [cased = false, attribute]) =>
    extreme(value, -1, cased, attribute),
  ),
  max: filter(['case_sensitive', 'attribute'], (value, [cased = false, attribute]) =>
    extreme(value, 1, cased, attribute),
  ),
  sort: filter(['reverse', 'case_sensitive', 'attribute'], (value, [reverse = false, cased = false, attribute]) => {
    const keys = sortKeys(attribute, cased)
    const sign = truth(reverse) ? -1 : 1
    const decorated = iterate(value).map(item => ({ item, keys: keys(item) }))
    return decorated.sort((a, b) => sign * orderKeys(a.keys, b.keys)).map(({ item }) => item)
  }),
  unique: filter(['case_sensitive', 'attribute'], (value, [cased = false, attribute]) => {
    const get = keyOf(attribute, cased)
    return distinct(iterate(value), get)
  }),
  batch: filter(['linecount', 'fill_with'], (value, [size, fill]) => {
    const [items, width] = [iterate(value), asInt(size)]
    const rows: unknown[][] = []
    for (let i = 0; i < items.length; i += Math.max(1, width)) rows.push(items.slice(i, i + width))
    const last = rows.at(-1)
    if (fill !== undefined && fill !== null) while (last && last.length < width) last.push(fill)
    return rows
  }),
  slice: filter(['slices', 'fill_with'], (value, [slices, fill]) => sliced(iterate(value), asInt(slices), fill)),
  dictsort: filter(['case_sensitive', 'by', 'reverse'], (value, [cased = false, by = 'key', reverse = false]) => {
    if (!isDict(defined(value))) throw typeFailure(`dictsort needs a dict, got ${typeName(value)}`)
    if (by !== 'key' && by !== 'value') throw valueFailure("dictsort sorts by 'key' or 'value'")
    const [index, sign] = [by === 'key' ? 0 : 1, truth(reverse) ? -1 : 1]
    const key = keyOf(undefined, cased)
    const pairs = dictEntries(value as Map<unknown, unknown>) // isDict does not narrow through defined()
    return pairs.sort((a, b) => sign * order(key(a[index]), key(b[index]))).map(tuple)
  }),
  items: filter([], value => {
    if (value instanceof Undefined) return []
    if (!isDict(value)) throw typeFailure('items needs a dict')
    return [...itemsView(value)]
  }),
  groupby: filter(['attribute', 'default', 'case_sensitive'], (value, [attribute, fallback, cased = false]) => {
    const [get, key] = [attributePath(attribute, fallback), keyOf(undefined, cased)]
    const decorated = iterate(value).map(item => ({ item, value: get(item), key: key(get(item)) }))
    decorated.sort((a, b) => order(a.key, b.key))
    const groups: { key: unknown; grouper: unknown; items: unknown[] }[] = []
    for (const one of decorated) {
      const last = groups.at(-1)
      if (last && equals(last.key, one.key)) last.items.push(one.item)
      else groups.push({ key: one.key, grouper: one.value, items: [one.item] })
    }
    return groups.map(group => tuple([group.grouper, group.items]))
  }),
}

/** Items that differ by their key, in their first order. */
export function distinct(items: readonly unknown[], key: (item: unknown) => unknown = item => item): unknown[] {
  const texts = new Set<string>()
  const others: unknown[] = []
  return items.filter(item => {
    const one = key(item)
    if (typeof one === 'string') return texts.has(one) ? false : texts.add(one) !== undefined
    if (others.some(other => equals(other, one))) return false
    others.push(one)
    return true
  })
}

function firstOf(items: readonly unknown[], which: string): unknown {
  return items.length > 0 ? items[0] : new Undefined(`No ${which} item, sequence was empty.`)
}

/** What an item is compared by: an attribute, texts without case. */
function keyOf(attribute: unknown, cased: unknown): (item: unknown) => unknown {
  const get = attribute === undefined || attribute === null ? undefined : attributePath(attribute)
  const sensitive = truth(cased)
  return item => {
    const value = get ? get(item) : item
    return typeof value === 'string' && !sensitive ? value.toLowerCase() : value
  }
}

function sortKeys(attribute: unknown, cased: unknown): (item: unknown) => readonly unknown[] {
  if (typeof attribute !== 'string') {
    const one = keyOf(attribute, cased)
    return item => [one(item)]
  }
  const keys = attribute.split(',').map(part => keyOf(part, cased))
  return item => keys.map(key => key(item))
}

function orderKeys(a: readonly unknown[], b: readonly unknown[]): number {
  for (const [i, key] of a.entries()) {
    const result = order(key, b[i])
    if (result !== 0) return result
  }
  return 0
}

function extreme(value: unknown, sign: 1 | -1, cased: unknown, attribute: unknown): unknown {
  const [key, items] = [keyOf(attribute, cased), iterate(value)]
  if (items.length === 0) return new Undefined('No aggregated item, sequence was empty.')
  return items.reduce((best, item) => (order(key(item), key(best)) * sign > 0 ? item : best))
}

function sliced(items: readonly unknown[], count: number, fill: unknown): unknown[][] {
  const [size, larger] = [Math.floor(items.length / count), items.length % count]
  return Array.from({ length: count }, (_, i) => {
    const start = i * size + Math.min(i, larger)
    const row = items.slice(start, start + size + (i < larger ? 1 : 0))
    return fill !== undefined && fill !== null && i >= larger ? [...row, fill] : row
  })
}
