import {
  dictDelete,
  dictEntries,
  dictGet,
  dictHas,
  dictKeys,
  dictOf,
  dictSet,
  itemsView,
  keysView,
  valuesView,
} from '../dict.ts'
import { typeFailure, valueFailure } from '../fail.ts'
import { iterate } from '../iterate.ts'
import { repr } from '../print.ts'
import { bind, required } from '../signature.ts'
import { type Callable, type Dict, isDict, type Keywords, tuple } from '../values.ts'

/** A method of a Python dict. */
export function dictMethod(dict: Dict, name: string): Callable | undefined {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined
  return method && ((args, kwargs) => method(dict, args, kwargs))
}

/** Pairs of what `dict(…)` and `update(…)` take: a dict, or a list of pairs. */
export function pairs(source: unknown): (readonly [unknown, unknown])[] {
  if (isDict(source)) return dictEntries(source)
  return iterate(source).map((pair, i) => {
    const two = iterate(pair)
    if (two.length !== 2) {
      throw valueFailure(`dictionary update sequence element #${i} has length ${two.length}; 2 is required`)
    }
    return [two[0], two[1]]
  })
}

type DictMethod = (dict: Dict, args: readonly unknown[], kwargs: Keywords) => unknown

const methods: Readonly<Record<string, DictMethod>> = {
  items: dict => itemsView(dict),
  keys: dict => keysView(dict),
  values: dict => valuesView(dict),
  get: (dict, args, kwargs) => {
    const [key, fallback = null] = bind('get', ['key', 'default'], args, kwargs)
    required('get', 'key', key)
    return dictHas(dict, key) ? dictGet(dict, key) : fallback
  },
  copy: dict => dictOf(dictEntries(dict)),
  update: (dict, args, kwargs) => {
    if (args.length > 1) throw typeFailure(`update expected at most 1 argument, got ${args.length}`)
    for (const [key, value] of args.length === 0 ? [] : pairs(args[0])) dictSet(dict, key, value)
    for (const [key, value] of Object.entries(kwargs)) dictSet(dict, key, value)
    return null
  },
  pop: (dict, args, kwargs) => {
    const [key, fallback] = bind('pop', ['key', 'default'], args, kwargs)
    if (!dictHas(dict, key)) {
      if (fallback === undefined) throw valueFailure(`the dict has no key ${repr(key)}`)
      return fallback
    }
    const value = dictGet(dict, key)
    dictDelete(dict, key)
    return value
  },
  popitem: dict => {
    const last = dictEntries(dict).at(-1)
    if (!last) throw valueFailure('popitem(): dictionary is empty')
    dictDelete(dict, last[0])
    return tuple(last)
  },
  setdefault: (dict, args, kwargs) => {
    const [key, fallback = null] = bind('setdefault', ['key', 'default'], args, kwargs)
    if (!dictHas(dict, key)) dictSet(dict, key, fallback)
    return dictGet(dict, key)
  },
  clear: dict => {
    for (const key of dictKeys(dict)) dictDelete(dict, key)
    return null
  },
  fromkeys: (_dict, args, kwargs) => {
    const [keys, value = null] = bind('fromkeys', ['iterable', 'value'], args, kwargs)
    return dictOf(iterate(keys).map(key => [key, value] as const))
  },
}
