import { type Filter, filter } from '../environment.ts'
import { contains } from '../python/compare.ts'
import { asDict, dictEntries, dictGet, dictHas, dictOf, dictSet, equals } from '../python/dict.ts'
import { typeFailure, valueFailure } from '../python/fail.ts'
import { truth } from '../python/iterate.ts'
import { type Dict, isDict, isList } from '../python/values.ts'
import { list, text } from './coerce.ts'
import { flatten } from './lists.ts'

/** Ansible's filters of dicts. */
export const dictFilters: Readonly<Record<string, Filter>> = {
  combine: {
    run: (value, args, { kwargs }) => {
      const { recursive = false, list_merge = 'replace', ...others } = kwargs
      const [unknown] = Object.keys(others)
      if (unknown !== undefined)
        throw typeFailure(`'recursive' and 'list_merge' are the only valid keyword arguments, not '${unknown}'`)
      const way = mergeWay(list_merge)
      const dicts = flatten([value, ...args], 1, true).map(one => asDict(one, 'combine'))
      return dicts.reduce<Dict>((all, one) => merge(all, one, truth(recursive), way), dictOf())
    },
  },
  dict2items: filter(['key_name', 'value_name'], (value, [key = 'key', item = 'value']) =>
    dictEntries(asDict(value, 'dict2items')).map(([k, v]) =>
      dictOf([
        [key, k],
        [item, v],
      ]),
    ),
  ),
  items2dict: filter(['key_name', 'value_name'], (value, [key = 'key', item = 'value']) =>
    dictOf(
      list(value, 'items2dict').map(one => {
        const dict = asDict(one, 'items2dict')
        if (!dictHas(dict, key) || !dictHas(dict, item)) {
          throw typeFailure(`items2dict needs the keys '${text(key)}' and '${text(item)}' in each item`)
        }
        return [dictGet(dict, key), dictGet(dict, item)] as const
      }),
    ),
  ),
}

const ways = ['replace', 'keep', 'append', 'prepend', 'append_rp', 'prepend_rp'] as const
type Way = (typeof ways)[number]

function mergeWay(value: unknown): Way {
  const way = ways.find(one => one === value)
  if (!way) throw valueFailure(`list_merge must be one of ${ways.join(', ')}`)
  return way
}

/** `base` with the keys of `over`; dicts in both are merged too when `recursive`. */
function merge(base: Dict, over: Dict, recursive: boolean, way: Way): Dict {
  if (dictEntries(base).length === 0 || equals(base, over)) return over
  const result = dictOf(dictEntries(base))
  for (const [key, value] of dictEntries(over)) {
    const old = dictGet(result, key)
    if (recursive && isDict(old) && isDict(value)) dictSet(result, key, merge(old, value, recursive, way))
    else if (isList(old) && isList(value)) dictSet(result, key, mergeLists(old, value, way))
    else dictSet(result, key, value)
  }
  return result
}

function mergeLists(old: readonly unknown[], value: readonly unknown[], way: Way): readonly unknown[] {
  switch (way) {
    case 'replace':
      return value
    case 'keep':
      return old
    case 'append':
      return [...old, ...value]
    case 'prepend':
      return [...value, ...old]
    case 'append_rp':
      return [...old.filter(item => !contains(value, item)), ...value]
    case 'prepend_rp':
      return [...value, ...old.filter(item => !value.some(other => equals(other, item)))]
  }
}
