import { didYouMean } from '../../near.ts'
import { asDict, dictGet, dictHas, dictKeys } from './dict.ts'
import { undefinedFailure } from './fail.ts'
import { formatBraces } from './format-braces.ts'
import { bytesMethod } from './methods/bytes.ts'
import { dictMethod } from './methods/dict.ts'
import { listMethod } from './methods/list.ts'
import { textMethod } from './methods/text.ts'
import { repr } from './print.ts'
import { typeName } from './types.ts'
import { Bytes, type Callable, DictView, Float, Instance, isDict, isInt, Range, Undefined } from './values.ts'

/** `value.name`: an attribute, else an item, as Jinja2 looks them up. Never throws; what is not there is undefined. */
export function attribute(value: unknown, name: string): unknown {
  if (value instanceof Undefined) return value
  const own = method(value, name)
  if (own !== undefined) return own
  if (isDict(value)) {
    const item = dictGet(value, name)
    if (item !== undefined || dictHas(value, name)) return item
  }
  return noAttribute(value, name)
}

/** `value[key]`: an item, else an attribute when the key is a text. */
export function item(value: unknown, key: unknown): unknown {
  if (value instanceof Undefined) return value
  if (key instanceof Undefined) throw undefinedFailure(key)
  if (isDict(value)) {
    const found = dictGet(value, key)
    if (found !== undefined || dictHas(value, key)) return found
  } else if (isInt(key) || typeof key === 'boolean') {
    const found = at(value, Number(key))
    if (found !== undefined) return found
  }
  if (typeof key === 'string') return method(value, key) ?? noAttribute(value, key)
  return new Undefined(`${article(value)} has no element ${repr(key)}`)
}

/** A method or property of a Python object, not an item; JavaScript's undefined when there is none. */
export function method(value: unknown, name: string): Callable | unknown {
  if (typeof value === 'string') return formatMethod(value, name) ?? textMethod(value, name)
  if (value instanceof Instance) return value.get(name)
  if (value instanceof Range || value instanceof DictView) return undefined
  if (Array.isArray(value)) return listMethod(value, name)
  if (isDict(value)) return dictMethod(value, name)
  if (value instanceof Bytes) return bytesMethod(value, name)
  if (value instanceof Float && name === 'is_integer') return () => Number.isInteger(value.value)
  if (typeof value === 'number' && name === 'is_integer') return () => Number.isInteger(value)
  if (typeof value === 'function') return name === 'name' || name === '__name__' ? value.name : undefined
  return undefined
}

function formatMethod(text: string, name: string): Callable | undefined {
  if (name === 'format') return (args, kwargs) => formatBraces(text, args, kwargs, { attribute, item })
  if (name !== 'format_map') return undefined
  return ([values]) => formatBraces(text, [], asDict(values, 'format_map()'), { attribute, item })
}

function at(value: unknown, index: number): unknown {
  if (typeof value === 'string') {
    const chars = /[\ud800-\udfff]/.test(value) ? Array.from(value) : value
    return chars[index < 0 ? index + chars.length : index]
  }
  if (value instanceof DictView) return undefined
  if (Array.isArray(value)) return value[index < 0 ? index + value.length : index]
  if (value instanceof Range) return value.items()[index < 0 ? index + value.length : index]
  if (value instanceof Bytes) return value.bytes[index < 0 ? index + value.bytes.length : index]
  return undefined
}

function noAttribute(value: unknown, name: string): Undefined {
  return new Undefined(`'${article(value)}' has no attribute '${name}'`, {
    name,
    hint: () =>
      isDict(value)
        ? didYouMean(
            name,
            dictKeys(value).filter(key => typeof key === 'string'),
          )
        : undefined,
  })
}

function article(value: unknown): string {
  return value === null ? 'None' : `${typeName(value)} object`
}
