import { randomInt } from 'node:crypto'
import type { Lookup } from '../environment.ts'
import { flatten, product, subelements, zip } from '../filters/lists.ts'
import { asDict, dictEntries, dictGet, dictOf } from '../python/dict.ts'
import { typeFailure, valueFailure } from '../python/fail.ts'
import { iterate, truth } from '../python/iterate.ts'
import { isDict, isList, tuple } from '../python/values.ts'
import { sequence } from './sequence.ts'

const nested: Lookup = terms => {
  const lists = terms.map(one => (typeof one === 'string' ? [one] : iterate(one)))
  if (lists.length === 0) throw valueFailure('with_nested requires at least one element in the nested list')
  return product(lists).map(row => flatten(row, 1, false))
}

/** Lookups that turn lists and dicts into items of a loop. */
export const listLookups: Readonly<Record<string, Lookup>> = {
  items: terms => terms.flatMap(one => (Array.isArray(one) ? [...one] : [one])),
  list: terms => terms,
  flattened: terms => flatten(terms, Number.POSITIVE_INFINITY, true),
  dict: terms =>
    terms.flat().flatMap(one => {
      return dictEntries(asDict(one, 'the lookup dict')).map(([key, value]) =>
        dictOf([
          ['key', key],
          ['value', value],
        ]),
      )
    }),
  indexed_items: terms => flatten(terms, 1, false).map((one, i) => tuple([i, one])),
  together: terms => {
    if (terms.length === 0) throw valueFailure('with_together requires at least one element in each list')
    return zip(
      terms.map(one => flatten(iterate(one), 1, false)),
      { fill: null },
    ).map(row => [...iterate(row)])
  },
  nested,
  cartesian: nested,
  random_choice: terms => {
    const items = terms.length === 1 && isList(terms[0]) ? terms[0] : terms
    return items.length === 0 ? [] : [items[randomInt(items.length)]]
  },
  sequence: (terms, { kwargs }) => sequence(terms, kwargs),
  subelements: terms => {
    const [items, path, flags] = isList(terms[0]) && terms.length === 1 ? terms[0] : terms
    if (path === undefined) throw typeFailure('subelements needs a list and the name of a key')
    const skip = isDict(flags) ? truth(dictGet(flags, 'skip_missing') ?? false) : false
    return subelements(items, path, skip)
  },
}
