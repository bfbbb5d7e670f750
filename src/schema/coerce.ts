import { didYouMean } from '../near.ts'
import type { ArgSpec, ArgTable, ArgType } from './arguments.ts'
import { pythonText } from './python-text.ts'

/** A value that could not be read as its argument's type; the message says what was wanted. */
class Mismatch extends Error {}

/**
 * Brings raw arguments to the types of a module's table, as Ansible does: aliases are resolved, text becomes booleans, numbers
 * and lists, null counts as not given, defaults are filled in. `problems` holds one line for each thing that is wrong.
 */
export function coerceArgs(
  table: ArgTable,
  raw: Readonly<Record<string, unknown>>,
): { args: Record<string, unknown>; problems: string[] } {
  const problems: string[] = []
  const args: Record<string, unknown> = {}
  const { names, required, defaults } = digest(table)
  for (const [given, value] of Object.entries(raw)) {
    const name = names.get(given)
    const spec = name === undefined ? undefined : table[name]
    if (name === undefined || spec === undefined) {
      problems.push(unknownArgument(given, names.keys()))
      continue
    }
    if (value === null || value === undefined) continue
    if (given !== name && raw[name] !== null && raw[name] !== undefined) continue
    const coerced = coerceArg(name, spec, value, given)
    if ('problem' in coerced) problems.push(coerced.problem)
    else if (coerced.value !== undefined) args[name] = coerced.value
  }
  const missing = required.filter(name => !isGiven(table, name, raw))
  if (missing.length > 0) problems.push(`missing required arguments: ${missing.join(', ')}`)
  for (const { name, value } of defaults) if (!(name in args)) args[name] = value
  return { args, problems }
}

/** The value of one argument, as `coerceArgs` has it; undefined when it only says what is so anyway. `given` is the name that was written. */
export function coerceArg(
  name: string,
  spec: ArgSpec,
  value: unknown,
  given = name,
): { readonly value: unknown } | { readonly problem: string } {
  if (spec.unsupported !== undefined) {
    if (asksForNothing(name, spec, value)) return { value: undefined }
    return { problem: `\`${given}\` is not supported: ${spec.unsupported}` }
  }
  try {
    return { value: chosen(name, spec, coerceValue(name, spec.type, value, spec.elements)) }
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error
    return { problem: error.message }
  }
}

/** Whether an argument only says what is so anyway: its default, or `false` for what is off without a word. */
export function asksForNothing(name: string, spec: ArgSpec, value: unknown): boolean {
  try {
    const given = coerceValue(name, spec.type, value, spec.elements)
    return given === (spec.default ?? (spec.type === 'bool' ? false : undefined))
  } catch (error) {
    if (error instanceof Mismatch) return false
    throw error
  }
}

/** Every name an argument answers to, aliases included, with the argument it stands for. */
export function argumentNames(table: ArgTable): ReadonlyMap<string, string> {
  return digest(table).names
}

/** The arguments that every task has to give. */
export function requiredArguments(table: ArgTable): readonly string[] {
  return digest(table).required
}

/** What the tasks of a module ask of its table again and again. */
interface Digest {
  readonly names: ReadonlyMap<string, string>
  readonly required: readonly string[]
  readonly defaults: readonly { readonly name: string; readonly value: unknown }[]
}

const digests = new WeakMap<ArgTable, Digest>()

function digest(table: ArgTable): Digest {
  const known = digests.get(table)
  if (known !== undefined) return known
  const specs = Object.entries(table)
  const names = new Map(specs.flatMap(([name, { aliases = [] }]) => aliases.map(alias => [alias, name])))
  for (const [name] of specs) names.set(name, name)
  const made = {
    names,
    required: specs.filter(([, { required }]) => required).map(([name]) => name),
    defaults: specs.flatMap(([name, { default: value }]) => (value === undefined ? [] : [{ name, value }])),
  }
  digests.set(table, made)
  return made
}

function unknownArgument(given: string, names: Iterable<string>): string {
  const hint = didYouMean(given, names)
  return hint === undefined ? `no argument \`${given}\`` : `no argument \`${given}\`; ${hint}`
}

function isGiven(table: ArgTable, name: string, raw: Readonly<Record<string, unknown>>): boolean {
  return [name, ...(table[name]?.aliases ?? [])].some(key => raw[key] !== null && raw[key] !== undefined)
}

function coerceValue(name: string, type: ArgType, value: unknown, elements?: ArgType): unknown {
  switch (type) {
    case 'raw':
      return value
    case 'str':
    case 'path':
      return pythonText(value)
    case 'int':
      return toInt(name, value)
    case 'float':
      return toFloat(name, value)
    case 'bool':
      return toBool(name, value)
    case 'list':
      return toList(name, value).map(item => (elements ? coerceValue(name, elements, item) : item))
    case 'dict':
      return toDict(name, value)
    default:
      return type satisfies never
  }
}

function toInt(name: string, value: unknown): number {
  const plain = unwrap(value)
  if (typeof plain === 'boolean') return Number(plain)
  if (typeof plain === 'number' && Number.isInteger(plain)) return plain
  if (typeof plain === 'bigint') return Number(plain)
  if (typeof plain === 'string' && /^\s*[-+]?\d+(_\d+)*\s*$/.test(plain)) return Number(plain.replaceAll('_', ''))
  throw mismatch(name, 'a whole number', value)
}

function toFloat(name: string, value: unknown): number {
  const plain = unwrap(value)
  if (typeof plain === 'boolean') return Number(plain)
  if (typeof plain === 'number') return plain
  if (typeof plain === 'bigint') return Number(plain)
  if (typeof plain === 'string' && /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(plain)) return Number(plain)
  throw mismatch(name, 'a number', value)
}

const TRUE = new Set(['y', 'yes', 'on', '1', 'true', 't', '1.0'])
const FALSE = new Set(['n', 'no', 'off', '0', 'false', 'f', '0.0'])

function toBool(name: string, value: unknown): boolean {
  const plain = unwrap(value)
  if (typeof plain === 'boolean') return plain
  const text = String(plain).trim().toLowerCase()
  if (TRUE.has(text)) return true
  if (FALSE.has(text)) return false
  throw mismatch(name, 'a boolean (yes or no)', value)
}

function toList(name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  const plain = unwrap(value)
  if (typeof plain === 'string') return plain === '' ? [] : plain.split(',').map(item => item.trim())
  if (typeof plain === 'number' || typeof plain === 'boolean' || typeof plain === 'bigint') return [pythonText(value)]
  if (isIterable(plain) && !(plain instanceof Map)) return [...plain]
  throw mismatch(name, 'a list', value)
}

function toDict(name: string, value: unknown): Record<string, unknown> {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [pythonText(key), item]))
  if (typeof value === 'string') return dictFromText(name, value)
  // An object that is no list, text or number is a dict by now.
  if (typeof value === 'object' && value !== null && !isIterable(value)) return { ...value }
  throw mismatch(name, 'a dict', value)
}

function dictFromText(name: string, text: string): Record<string, unknown> {
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text)
    } catch {
      throw mismatch(name, 'a dict', text)
    }
  }
  const pairs = [...text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s,])+/g)].map(match => match[0])
  const dict: Record<string, unknown> = {}
  for (const pair of pairs) {
    const cut = pair.indexOf('=')
    if (cut < 1) throw mismatch(name, 'a dict', text)
    dict[pair.slice(0, cut)] = pair.slice(cut + 1).replace(/^(["'])(.*)\1$/s, '$2')
  }
  return dict
}

function chosen(name: string, spec: ArgSpec, value: unknown): unknown {
  if (spec.choices === undefined) return value
  if (Array.isArray(value)) return value.map(item => choice(name, spec.choices ?? [], item))
  return choice(name, spec.choices, value)
}

function choice(name: string, choices: readonly unknown[], value: unknown): unknown {
  if (choices.includes(value)) return value
  // YAML 1.1 reads a bare `yes` as a boolean: where exactly one choice means that, it is meant.
  const meant = value === 'True' ? TRUE : value === 'False' ? FALSE : undefined
  const overlap = meant === undefined ? [] : choices.filter(c => meant.has(String(c)))
  if (overlap.length === 1) return overlap[0]
  throw new Mismatch(`\`${name}\` must be one of ${choices.map(String).join(', ')}, not ${shown(value)}`)
}

function mismatch(name: string, wanted: string, value: unknown): Mismatch {
  return new Mismatch(`\`${name}\` must be ${wanted}, not ${shown(value)}`)
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : pythonText(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** The number in a boxed float of the template engine, or the value itself. */
function unwrap(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const inner = value.valueOf()
  return typeof inner === 'number' || typeof inner === 'bigint' ? inner : value
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}
