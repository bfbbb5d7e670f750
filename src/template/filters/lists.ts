import { type Filter, filter } from '../environment.ts'
import { item } from '../python/attributes.ts'
import { contains } from '../python/compare.ts'
import { asDict, dictEntries, dictGet } from '../python/dict.ts'
import { defined, failure, typeFailure } from '../python/fail.ts'
import { iterate, truth } from '../python/iterate.ts'
import { asInt } from '../python/numbers.ts'
import { typeName } from '../python/types.ts'
import { isDict, tuple } from '../python/values.ts'
import { list, text } from './coerce.ts'
import { distinct } from './sequence.ts'

/** Ansible's filters of lists. */
export const listFilters: Readonly<Record<string, Filter>> = {
  flatten: filter(['levels', 'skip_nulls'], (value, [levels, skip = true]) => {
    const depth = levels === undefined || levels === null ? Number.POSITIVE_INFINITY : asInt(levels)
    return flatten(list(value, 'flatten'), depth, truth(skip))
  }),
  union: filter(['b'], (value, [other]) => distinct([...list(value, 'union'), ...list(other, 'union')])),
  intersect: filter(['b'], (value, [other]) => {
    const right = list(other, 'intersect')
    return distinct(list(value, 'intersect').filter(one => contains(right, one)))
  }),
  difference: filter(['b'], (value, [other]) => {
    const right = list(other, 'difference')
    return distinct(list(value, 'difference').filter(one => !contains(right, one)))
  }),
  symmetric_difference: filter(['b'], (value, [other]) => {
    const [left, right] = [list(value, 'symmetric_difference'), list(other, 'symmetric_difference')]
    return distinct([...left.filter(one => !contains(right, one)), ...right.filter(one => !contains(left, one))])
  }),
  zip: { run: (value, args) => zip([value, ...args].map(iterate), undefined) },
  zip_longest: {
    run: (value, args, { kwargs }) => zip([value, ...args].map(iterate), { fill: kwargs.fillvalue ?? null }),
  },
  product: {
    run: (value, args, { kwargs }) => {
      const lists = [value, ...args].map(iterate)
      const times = kwargs.repeat === undefined ? 1 : asInt(kwargs.repeat)
      return product(Array.from({ length: times }, () => lists).flat()).map(tuple)
    },
  },
  combinations: filter(['r'], (value, [size]) => combinations(iterate(value), asInt(size)).map(tuple)),
  permutations: filter(['r'], (value, [size]) => {
    const items = iterate(value)
    return permutations(items, size === undefined || size === null ? items.length : asInt(size)).map(tuple)
  }),
  extract: filter(['container', 'morekeys'], (value, [container, more]) => {
    const keys = more === undefined || more === null ? [] : Array.isArray(more) ? more : [more]
    return [defined(value), ...keys].reduce<unknown>((found, key) => item(found, key), container)
  }),
  subelements: filter(['subelements', 'skip_missing'], (value, [path, skip = false]) =>
    subelements(value, path, truth(skip)),
  ),
}

/** Lists in lists opened up to `levels`; None and its texts are left out when `skipNulls`. */
export function flatten(items: readonly unknown[], levels: number, skipNulls: boolean): unknown[] {
  return items.flatMap(one => {
    if (skipNulls && (one === null || one === 'None' || one === 'null')) return []
    return Array.isArray(one) && levels > 0 ? flatten(one, levels - 1, skipNulls) : [one]
  })
}

/** All choices of one item of each list, the last one changing fastest. */
export function product(lists: readonly (readonly unknown[])[]): unknown[][] {
  return lists.reduce<unknown[][]>((rows, items) => rows.flatMap(row => items.map(one => [...row, one])), [[]])
}

/** Rows of the lists' items side by side, as long as the shortest, or the longest with a fill. */
export function zip(
  lists: readonly (readonly unknown[])[],
  longest: { readonly fill: unknown } | undefined,
): unknown[] {
  const sizes = lists.map(one => one.length)
  const size = longest ? Math.max(0, ...sizes) : Math.min(...sizes)
  return Array.from({ length: size }, (_, i) => tuple(lists.map(one => (i < one.length ? one[i] : longest?.fill))))
}

/** Pairs of an item and each entry of a list in it. Throws `template.type` for what is missing, unless skipped. */
export function subelements(value: unknown, path: unknown, skipMissing: boolean): unknown[] {
  const items = isDict(defined(value)) ? dictEntries(asDict(value, 'subelements')).map(([, v]) => v) : iterate(value)
  const keys = typeof path === 'string' ? path.split('.') : iterate(path).map(text)
  return items.flatMap(one => {
    let found: unknown = one
    for (const key of keys) {
      found = dictGet(asDict(found, 'subelements'), key)
      if (found !== undefined) continue
      if (skipMissing) return []
      throw failure('undefined', `could not find '${key}' in an item of subelements`)
    }
    if (!Array.isArray(found)) throw typeFailure(`the key ${text(path)} should point to a list, got ${typeName(found)}`)
    return found.map(entry => tuple([one, entry]))
  })
}

function combinations(items: readonly unknown[], size: number): unknown[][] {
  if (size === 0) return [[]]
  return items.flatMap((one, i) => combinations(items.slice(i + 1), size - 1).map(rest => [one, ...rest]))
}

function permutations(items: readonly unknown[], size: number): unknown[][] {
  if (size === 0) return [[]]
  return items.flatMap((one, i) => permutations(items.toSpliced(i, 1), size - 1).map(rest => [one, ...rest]))
}
