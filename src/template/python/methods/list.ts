import { order } from '../compare.ts'
import { equals } from '../dict.ts'
import { valueFailure } from '../fail.ts'
import { iterate, truth } from '../iterate.ts'
import { asInt } from '../numbers.ts'
import { repr } from '../print.ts'
import { bind, required } from '../signature.ts'
import { type Callable, isCallable, isTuple, type Keywords } from '../values.ts'

/** A method of a Python list or tuple. */
export function listMethod(list: unknown[], name: string): Callable | undefined {
  const method = Object.hasOwn(shared, name) ? shared[name] : undefined
  if (method) return (args, kwargs) => method(list, args, kwargs)
  if (isTuple(list) || !Object.hasOwn(changing, name)) return undefined
  const change = changing[name]
  return change && ((args, kwargs) => change(list, args, kwargs))
}

type ListMethod = (list: unknown[], args: readonly unknown[], kwargs: Keywords) => unknown

const shared: Readonly<Record<string, ListMethod>> = {
  count: (list, args, kwargs) => {
    const [value] = bind('count', ['value'], args, kwargs)
    return list.filter(item => equals(item, value)).length
  },
  index: (list, args, kwargs) => {
    const [value, start = 0, stop = list.length] = bind('index', ['value', 'start', 'stop'], args, kwargs)
    const found = list.findIndex((item, i) => i >= asInt(start) && i < asInt(stop) && equals(item, value))
    if (found === -1) throw valueFailure(`${repr(value)} is not in list`)
    return found
  },
}

/** Methods that change the list where it is; they give None. */
const changing: Readonly<Record<string, ListMethod>> = {
  append: (list, args, kwargs) => {
    list.push(required('append', 'object', bind('append', ['object'], args, kwargs)[0]))
    return null
  },
  extend: (list, args, kwargs) => {
    list.push(...iterate(bind('extend', ['iterable'], args, kwargs)[0]))
    return null
  },
  insert: (list, args, kwargs) => {
    const [index, value] = bind('insert', ['index', 'object'], args, kwargs)
    list.splice(asInt(index), 0, value)
    return null
  },
  pop: (list, args, kwargs) => {
    const [index = -1] = bind('pop', ['index'], args, kwargs)
    const place = asInt(index) < 0 ? asInt(index) + list.length : asInt(index)
    if (list.length === 0) throw valueFailure('pop from empty list')
    if (place < 0 || place >= list.length) throw valueFailure('pop index out of range')
    return list.splice(place, 1)[0]
  },
  remove: (list, args, kwargs) => {
    const [value] = bind('remove', ['value'], args, kwargs)
    const found = list.findIndex(item => equals(item, value))
    if (found === -1) throw valueFailure('list.remove(x): x not in list')
    list.splice(found, 1)
    return null
  },
  clear: list => {
    list.length = 0
    return null
  },
  copy: list => [...list],
  reverse: list => {
    list.reverse()
    return null
  },
  sort: (list, args, kwargs) => {
    const [key, reverse = false] = bind('sort', ['key', 'reverse'], args, kwargs)
    const by = isCallable(key) ? (item: unknown) => key([item], {}) : (item: unknown) => item
    const sign = truth(reverse) ? -1 : 1
    list.sort((a, b) => sign * order(by(a), by(b)))
    return null
  },
}
