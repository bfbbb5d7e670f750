import { textOf } from '../bytes.ts'
import { setProperty } from './python/dict.ts'
import { undefinedFailure } from './python/fail.ts'
import { str } from './python/print.ts'
import { Bytes, DictView, Float, Instance, isDict, isTuple, Range, tuple, Undefined } from './python/values.ts'

/**
 * A template's result as data: nothing lazy or undefined in it (throws `template.undefined`), dicts with string
 * keys as plain objects, views and ranges as lists, other objects as their text.
 */
export function finish(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? str(value) : (value ?? null)
  if (value instanceof Undefined) throw undefinedFailure(value)
  if (value instanceof Range) return value.items()
  if (value instanceof Map) return finishMap(value)
  if (value instanceof DictView) return value.map(finish)
  if (isTuple(value)) return value.every(isFinished) ? value : tuple(value.map(finish))
  if (Array.isArray(value)) return value.every(isFinished) ? value : value.map(finish)
  if (value instanceof Instance) return value.text()
  if (value instanceof Bytes) return textOf(value.bytes)
  return isDict(value) && !(value instanceof Map) ? finishObject(value) : value
}

/** The value as JSON has it: floats as numbers, tuples as lists, Maps as objects with their keys' text. */
export function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Float) return value.value
  const finished = finish(value)
  if (finished instanceof Float) return finished.value
  if (Array.isArray(finished)) return Array.from(finished, plain)
  if (!isDict(finished)) return finished
  const result: Record<string, unknown> = {}
  for (const [key, item] of finished instanceof Map ? finished : Object.entries(finished)) {
    setProperty(result, typeof key === 'string' ? key : str(key), plain(item))
  }
  return result
}

function isFinished(value: unknown): boolean {
  return finish(value) === value
}

function finishObject(object: Record<string, unknown>): unknown {
  let copy: Record<string, unknown> | undefined
  for (const key of Object.keys(object)) {
    const item = object[key]
    const finished = finish(item)
    if (finished === item) continue
    copy ??= { ...object }
    setProperty(copy, key, finished)
  }
  return copy ?? object
}

/** A plain object, unless that would lose keys or their order. */
function finishMap(map: ReadonlyMap<unknown, unknown>): unknown {
  const object: Record<string, unknown> = {}
  const keys = [...map.keys()]
  for (const [key, item] of map) {
    if (typeof key !== 'string') return new Map([...map].map(([k, v]) => [k, finish(v)]))
    setProperty(object, key, finish(item))
  }
  const kept = Object.keys(object).every((key, i) => key === keys[i])
  return kept ? object : new Map([...map].map(([k, v]) => [k, finish(v)]))
}
