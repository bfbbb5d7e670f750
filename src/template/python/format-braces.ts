import { dictGet } from './dict.ts'
import { defined, valueFailure } from './fail.ts'
import { format } from './format-spec.ts'
import { repr, str } from './print.ts'
import { type Dict, isDict, type Keywords } from './values.ts'

/** How `{a.b[0]}` reads attributes and items. */
export interface Access {
  readonly attribute: (value: unknown, name: string) => unknown
  readonly item: (value: unknown, key: unknown) => unknown
}

/** Python's `str.format(*args, **kwargs)`. */
export function formatBraces(
  template: string,
  args: readonly unknown[],
  kwargs: Keywords | Dict,
  access: Access,
): string {
  return expand(template, { args, kwargs, access, next: 0 })
}

interface Given {
  readonly args: readonly unknown[]
  readonly kwargs: Keywords | Dict
  readonly access: Access
  next: number
}

function expand(template: string, given: Given): string {
  let result = ''
  for (let i = 0; i < template.length; i++) {
    const char = template[i] ?? ''
    if ((char === '{' || char === '}') && template[i + 1] === char) {
      result += char
      i++
    } else if (char === '}') {
      throw valueFailure("Single '}' encountered in format string")
    } else if (char === '{') {
      const end = closing(template, i)
      result += field(template.slice(i + 1, end), given)
      i = end
    } else {
      result += char
    }
  }
  return result
}

function closing(template: string, open: number): number {
  let depth = 0
  for (let i = open; i < template.length; i++) {
    if (template[i] === '{') depth++
    else if (template[i] === '}' && --depth === 0) return i
  }
  throw valueFailure("Single '{' encountered in format string")
}

function field(text: string, given: Given): string {
  const match = /^([^!:]*)(?:!([rsa]))?(?::(.*))?$/s.exec(text)
  if (!match) throw valueFailure('invalid format string')
  const [, path = '', conversion, spec = ''] = match
  const value = defined(lookUp(path, given))
  const inner = expand(spec, given)
  if (conversion === undefined) return format(value, inner)
  return format(conversion === 's' ? str(value) : repr(value), inner)
}

function lookUp(path: string, given: Given): unknown {
  const [, first = '', rest = ''] = /^([^.[]*)(.*)$/s.exec(path) ?? []
  let value = root(first, given)
  for (const [, name, key] of rest.matchAll(/\.([^.[]+)|\[([^\]]*)\]/g)) {
    value =
      name !== undefined
        ? given.access.attribute(value, name)
        : given.access.item(value, /^\d+$/.test(key ?? '') ? Number(key) : key)
  }
  return value
}

function root(name: string, given: Given): unknown {
  if (name === '' || /^\d+$/.test(name)) {
    const index = name === '' ? given.next++ : Number(name)
    if (index < given.args.length) return given.args[index]
    throw valueFailure(`Replacement index ${index} out of range for positional args tuple`)
  }
  const value = isDict(given.kwargs) ? dictGet(given.kwargs, name) : undefined
  if (value === undefined) throw valueFailure(`the format names '${name}', which was not given`)
  return value
}
