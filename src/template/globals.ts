import { openValue, VAULT_FUNCTION } from '../vault/value.ts'
import type { Environment } from './environment.ts'
import { lazyDict } from './lazy-dict.ts'
import { lookupGlobal, queryGlobal } from './lookups/call.ts'
import { currentTime } from './python/datetime.ts'
import { dictOf, dictSet } from './python/dict.ts'
import { failure, typeFailure } from './python/fail.ts'
import { truth } from './python/iterate.ts'
import { pairs } from './python/methods/dict.ts'
import { asInt } from './python/numbers.ts'
import { str } from './python/print.ts'
import { bind } from './python/signature.ts'
import { type Callable, Instance, type Keywords, Range, Undefined } from './python/values.ts'

/** A name that every template can read; JavaScript's undefined when there is none. */
export function globalNamed(name: string, environment: Environment): unknown {
  const plugin = environment.options.plugins?.globals
  if (plugin && Object.hasOwn(plugin, name)) return plugin[name]
  if (Object.hasOwn(functions, name)) return functions[name]
  switch (name) {
    case 'lookup':
      return lookupGlobal(environment)
    case 'query':
    case 'q':
      return queryGlobal(environment)
    case 'vars':
      return lazyDict(environment.names, environment.read)
  }
  return undefined
}

/** Names of the globals, for near names. */
export function globalNames(): string[] {
  return [...Object.keys(functions).filter(name => name !== VAULT_FUNCTION), 'lookup', 'query', 'q']
}

const functions: Readonly<Record<string, Callable>> = {
  range: (args, kwargs) => {
    if (args.length === 0 || args.length > 3 || Object.keys(kwargs).length > 0) {
      throw typeFailure(`range expected 1 to 3 arguments, got ${args.length}`)
    }
    const [first = 0, second, step = 1] = args.map(one => asInt(one))
    if (step === 0) throw failure('value', 'range() arg 3 must not be zero')
    const range = second === undefined ? new Range(0, first, 1) : new Range(first, second, step)
    if (range.length > 10_000_000) throw failure('limit', 'range() would give more than 10 million items')
    return range
  },
  dict: (args, kwargs) => {
    const dict = dictOf(args.length === 0 ? [] : pairs(args[0]))
    for (const [key, value] of Object.entries(kwargs)) dictSet(dict, key, value)
    return dict
  },
  namespace: (args, kwargs) => {
    const values = dictOf(args.length === 0 ? [] : pairs(args[0]))
    for (const [key, value] of Object.entries(kwargs)) values.set(key, value)
    return new Instance({
      type: 'Namespace',
      get: name => values.get(name),
      set: (name, value) => values.set(name, value),
    })
  },
  cycler: values => {
    if (values.length === 0) throw typeFailure('at least one item has to be provided')
    const state = { at: 0 }
    const methods: Keywords = {
      next: () => values[state.at++ % values.length],
      reset: () => {
        state.at = 0
        return null
      },
    }
    const get = (name: string): unknown => (name === 'current' ? values[state.at % values.length] : methods[name])
    return new Instance({ type: 'Cycler', get })
  },
  joiner: (args, kwargs) => {
    const [separator = ', '] = bind('joiner', ['sep'], args, kwargs)
    let used = false
    const call = (): string => {
      if (used) return str(separator)
      used = true
      return ''
    }
    return new Instance({ type: 'Joiner', get: () => undefined, call })
  },
  now: (args, kwargs) => {
    const [utc = false, format = null] = bind('now', ['utc', 'fmt'], args, kwargs)
    return currentTime(truth(utc), format === null ? undefined : str(format))
  },
  [VAULT_FUNCTION]: ([text]) => openValue(str(text)),
  undef: (args, kwargs) => {
    const [hint = null] = bind('undef', ['hint'], args, kwargs)
    return new Undefined(hint === null ? 'Mandatory variable has not been overridden' : str(hint))
  },
  lipsum: () => {
    throw failure('unsupported', 'lipsum() is not supported: it makes random text')
  },
}
