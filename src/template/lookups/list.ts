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
    return terms.length === 0 ? [] : [terms[randomInt(terms.length)]]
  },
  sequence: (terms, { kwargs }) => sequence(terms, kwargs),
  subelements: terms => {
    const [items, path, flags] = isList(terms[0]) && terms.length === 1 ? terms[0] : terms
    if (path === undefined) throw typeFailure('subelements needs a list and the name of a key')
    const skip = isDict(flags) ? truth(dictGet(flags, 'skip_missing') ?? false) : false
    const whole = (isDict(items) ? dictEntries(items).map(([, item]) => item) : iterate(items)).filter(
      item => !isDict(item) || !truth(dictGet(item, 'skipped') ?? false),
    )
    const keys = String(path).split('.')
    return subelements(whole, path, skip).map(pair => {
      const [item, sub] = iterate(pair)
      return tuple([without(item, keys), sub])
    })
  },
}

/** The item without the list that was walked, as Ansible's lookup gives it. */
function without(item: unknown, [key, ...rest]: readonly string[]): unknown {
  if (!isDict(item) || key === undefined) return item
  const entries = dictEntries(item).flatMap(([name, value]): [unknown, unknown][] => {
    if (name !== key) return [[name, value]]
    return rest.length === 0 ? [] : [[name, without(value, rest)]]
  })
  return dictOf(entries)
}
