import {
  Bytes,
  DictItems,
  DictKeys,
  DictView,
  Instance,
  isDict,
  isFloat,
  isInt,
  Omit,
  Range,
  Tuple,
  Undefined,
} from './values.ts'

/** Python's name for the type of a value. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'str'
  if (isInt(value)) return 'int'
  if (isFloat(value)) return 'float'
  if (typeof value === 'function') return 'function'
  if (value instanceof DictView) return viewName(value)
  if (value instanceof Tuple) return 'tuple'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Range) return 'range'
  if (value instanceof Bytes) return 'bytes'
  if (value instanceof Undefined) return 'AnsibleUndefined'
  if (value instanceof Instance) return value.type
  if (value instanceof Omit) return 'omit'
  return isDict(value) ? 'dict' : 'object'
}

export function viewName(view: DictView): string {
  if (view instanceof DictItems) return 'dict_items'
  return view instanceof DictKeys ? 'dict_keys' : 'dict_values'
}
