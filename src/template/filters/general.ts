import { type Filter, filter } from '../environment.ts'
import { method } from '../python/attributes.ts'
import { defined, failure, typeFailure, valueFailure } from '../python/fail.ts'
import { truth } from '../python/iterate.ts'
import { splitText } from '../python/methods/text-parts.ts'
import { asInt } from '../python/numbers.ts'
import { prettyText } from '../python/pretty.ts'
import { str } from '../python/print.ts'
import { typeName } from '../python/types.ts'
import { Undefined } from '../python/values.ts'
import { optional, text } from './coerce.ts'

const fallback = filter(['default_value', 'boolean'], (value, [instead = '', boolean = false]) => {
  if (value instanceof Undefined) return instead
  return truth(boolean) && !truth(value) ? instead : value
})

/** Filters of any value. */
export const generalFilters: Readonly<Record<string, Filter>> = {
  default: fallback,
  d: fallback,
  attr: filter(['name'], (value, [name]) => {
    const found = method(value, text(name))
    return found === undefined ? new Undefined(`'${typeName(value)} object' has no attribute '${text(name)}'`) : found
  }),
  pprint: filter([], value => prettyText(value)),
  bool: filter([], value => toBool(defined(value))),
  ternary: filter(['true_val', 'false_val', 'none_val'], (value, [yes, no, none]) => {
    if (no === undefined) throw typeFailure('ternary needs a value for what is false, too')
    if (value === null && none !== undefined && none !== null) return none
    return truth(value) ? yes : no
  }),
  mandatory: filter(['msg'], (value, [message]) => {
    if (!(value instanceof Undefined)) return value
    const { name, at } = value.about
    const said = optional(message) ?? `the mandatory variable '${name ?? 'unknown'}' is not defined`
    throw failure('mandatory', said, { at: at?.() })
  }),
  type_debug: filter([], value => typeName(value)),
  split: filter(['sep', 'maxsplit'], (value, [separator, most = -1]) =>
    splitText(text(value), optional(separator), asInt(most)),
  ),
  quote: filter([], value => quoted(value === null ? '' : text(value))),
  comment: {
    run: (value, args, { kwargs }) => comment(text(value), str(args[0] ?? kwargs.style ?? 'plain'), kwargs),
  },
}

/** Ansible's truth of a text: yes, on, 1, true (and y, t) hold, everything else does not. */
export function toBool(value: unknown): boolean | null {
  if (value === null || typeof value === 'boolean') return value
  const word = text(value).toLowerCase()
  return ['yes', 'on', '1', 'true', 'y', 't', '1.0'].includes(word)
}

/** Python's `shlex.quote`. */
function quoted(value: string): string {
  if (value === '') return "''"
  return /[^\w@%+=:,./-]/.test(value) ? `'${value.replaceAll("'", `'"'"'`)}'` : value
}

interface CommentStyle {
  readonly beginning?: string
  readonly decoration: string
  readonly end?: string
}

const styles: Readonly<Record<string, CommentStyle>> = {
  plain: { decoration: '# ' },
  erlang: { decoration: '% ' },
  c: { decoration: '// ' },
  cblock: { beginning: '/*', decoration: ' * ', end: ' */' },
  xml: { beginning: '<!--', decoration: ' - ', end: '-->' },
}

/** A text as a comment of some language, with the options of Ansible's filter. */
function comment(body: string, name: string, options: Readonly<Record<string, unknown>>): string {
  const style = Object.hasOwn(styles, name) ? styles[name] : undefined
  if (!style) throw valueFailure(`comment knows the styles ${Object.keys(styles).join(', ')}, not ${name}`)
  const option = (key: string, standard: string): string => (options[key] === undefined ? standard : text(options[key]))
  const count = (key: string): number => (options[key] === undefined ? 1 : Math.max(0, asInt(options[key])))
  const newline = option('newline', '\n')
  const decoration = option('decoration', style.decoration)
  const frame = decoration.trimEnd()
  const prefix = option('prefix', frame)
  const beginning = option('beginning', style.beginning ?? '')
  const end = option('end', style.end ?? '')
  const lines = (decoration + body.replaceAll(newline, newline + decoration)).replaceAll(
    decoration + newline,
    frame + newline,
  )
  return [
    beginning === '' ? '' : beginning + newline,
    prefix === '' ? '' : (prefix === newline ? prefix : prefix + newline).repeat(count('prefix_count')),
    lines,
    (newline + option('postfix', frame)).repeat(count('postfix_count')),
    end === '' ? '' : newline + end,
  ].join('')
}
