import { className, convert, falseWords, isDict, isTrue, trueWords, Unfit } from './argument-types.ts'
import { pythonText } from './python-text.ts'

type Dict = Readonly<Record<string, unknown>>

/** Rules between the arguments of one level, as Ansible's specifications have them. */
export interface Rules {
  readonly mutually_exclusive?: unknown
  readonly required_together?: unknown
  readonly required_one_of?: unknown
  readonly required_if?: unknown
  readonly required_by?: unknown
}

/**
 * What values have against a specification of arguments: Ansible's messages, in Ansible's order. `options` of an argument are the
 * specification of what is in it.
 */
export function specErrors(spec: Dict, values: Dict, rules: Rules = {}): string[] {
  const errors: string[] = []
  const odd: OddName[] = []
  const level: Level = { spec, values: { ...values }, rules, path: [], errors, odd }
  checkLevel(level)
  checkInner(level)
  const last = odd.at(-1)
  if (last) {
    const names = odd.map(({ path }) => path.join('.')).sort()
    const known = Object.keys(last.spec).sort().join(', ')
    const aliases = Object.values(last.spec).flatMap(aliasesOf).sort().join(', ')
    errors.push(`${names.join(', ')}. Supported parameters include: ${known}${aliases && ` (${aliases})`}.`)
  }
  return errors
}

/** A name that the specification of its level does not have. */
interface OddName {
  readonly path: readonly string[]
  readonly spec: Dict
}

interface Level {
  readonly spec: Dict
  readonly values: Record<string, unknown>
  readonly rules: Rules
  /** Names of the arguments around. */
  readonly path: readonly string[]
  readonly errors: string[]
  readonly odd: OddName[]
}

function checkLevel(level: Level): void {
  const { spec, values, rules, path, odd, errors } = level
  const confused = Object.keys(spec).find(name => {
    const { required, default: unset } = dict(spec[name])
    return isTrue(required) && (unset ?? null) !== null
  })
  if (confused !== undefined) errors.push(`internal error: required and default are mutually exclusive for ${confused}`)
  const given = Object.keys(values)
  for (const [name, each] of Object.entries(spec)) {
    for (const alias of aliasesOf(each)) if (alias in values) values[name] = values[alias]
  }
  const known = supported(spec)
  for (const name of given) if (!known.has(name)) odd.push({ path: [...path, name], spec })
  exclusive(level, rules.mutually_exclusive)
  for (const [name, each] of Object.entries(spec)) {
    const { default: unset } = dict(each)
    if (!(name in values) && unset !== undefined && unset !== null) values[name] = unset
  }
  const missing = Object.keys(spec).filter(name => isTrue(dict(spec[name])['required']) && !(name in values))
  if (missing.length > 0) tell(level, `missing required arguments: ${missing.sort().join(', ')}`)
  for (const name of Object.keys(spec)) checkType(level, name)
  for (const name of Object.keys(spec)) checkChoices(level, name)
  together(level, rules.required_together)
  oneOf(level, rules.required_one_of)
  requiredIf(level, rules.required_if)
  requiredBy(level, rules.required_by)
}

function checkInner({ spec, values, path, errors, odd }: Level): void {
  for (const [name, each] of Object.entries(spec)) {
    const { type, elements, options, apply_defaults: always, ...rules } = dict(each)
    if (!isDict(options) || !(type === 'dict' || (type === 'list' && elements === 'dict'))) continue
    if ((values[name] ?? null) === null) {
      if (!isTrue(always)) continue
      values[name] = {}
    }
    const inner = [...path, name]
    for (const item of Array.isArray(values[name]) ? values[name] : [values[name]]) {
      if (!isDict(item)) {
        errors.push(`value of '${name}' must be of type dict or list of dicts`)
        continue
      }
      const level: Level = { spec: options, values: { ...item }, rules, path: inner, errors, odd }
      checkLevel(level)
      checkInner(level)
    }
  }
}

function checkType(level: Level, name: string): void {
  const { spec, values } = level
  const value = values[name] ?? null
  if (value === null) return
  const { type = 'str', elements } = dict(spec[name])
  const wanted = String(type)
  try {
    const converted = convert(wanted, value)
    values[name] = converted
    if (elements === undefined || elements === null) return
    if (wanted !== 'list' || !Array.isArray(converted)) {
      const where = level.path.length > 0 ? ` found in '${level.path.join(' -> ')}'.` : ''
      level.errors.push(
        `Invalid type ${wanted} for option '${pythonText(converted)}'${where}, elements value check is supported only with 'list' type`,
      )
      return
    }
    values[name] = converted.flatMap(item => {
      const [one, problem] = attempt(String(elements), item)
      if (problem === undefined) return [one]
      const where = level.path.length > 0 ? ` found in '${level.path.join(' -> ')}'` : ''
      level.errors.push(
        `Elements value for option '${name}'${where} is of type ${className(item)} and we were unable to convert to ${String(elements)}: ${problem}`,
      )
      return []
    })
  } catch (error) {
    if (!(error instanceof Unfit)) throw error
    const where = level.path.length > 0 ? ` found in '${level.path.join(' -> ')}'.` : ''
    level.errors.push(
      `argument '${name}' is of type ${className(value)}${where} and we were unable to convert to ${wanted}: ${error.message}`,
    )
  }
}

function attempt(type: string, value: unknown): [unknown, string | undefined] {
  try {
    return [convert(type, value), undefined]
  } catch (error) {
    if (!(error instanceof Unfit)) throw error
    return [undefined, error.message]
  }
}

function checkChoices(level: Level, name: string): void {
  const { choices, no_log: secret } = dict(level.spec[name])
  if (!Array.isArray(choices) || !(name in level.values)) return
  const known = choices.map(pythonText).join(', ')
  const shown = (value: unknown) => (isTrue(secret) ? '********' : pythonText(value))
  const value = level.values[name]
  if (Array.isArray(value)) {
    const odd = value.filter(item => !choices.includes(item))
    if (odd.length > 0)
      tell(level, `value of ${name} must be one or more of: ${known}. Got no match for: ${odd.map(shown).join(', ')}`)
    return
  }
  const meant = value === 'False' ? falseWords : value === 'True' ? trueWords : []
  const overlap = choices.filter(choice => meant.includes(choice))
  if (overlap.length === 1 && !choices.includes(value)) level.values[name] = overlap[0]
  else if (!choices.includes(value)) tell(level, `value of ${name} must be one of: ${known}, got: ${shown(value)}`)
}

function exclusive(level: Level, rule: unknown): void {
  const groups = Array.isArray(rule) && rule.every(name => typeof name === 'string') ? [rule] : lists(rule)
  const full = groups.filter(group => count(level, group) > 1)
  if (full.length > 0)
    tell(level, `parameters are mutually exclusive: ${full.map(group => group.join('|')).join(', ')}`)
}

function together(level: Level, rule: unknown): void {
  const broken = lists(rule).find(group => count(level, group) > 0 && count(level, group) < group.length)
  if (broken) tell(level, `parameters are required together: ${broken.join(', ')}`)
}

function oneOf(level: Level, rule: unknown): void {
  const empty = lists(rule).find(group => count(level, group) === 0)
  if (empty) tell(level, `one of the following is required: ${empty.join(', ')}`)
}

function requiredIf(level: Level, rule: unknown): void {
  for (const entry of Array.isArray(rule) ? rule : []) {
    if (!Array.isArray(entry)) continue
    const [key, value, names, any = false] = entry
    const needed = Array.isArray(names) ? names.map(String) : [String(names)]
    if (!(String(key) in level.values) || !same(level.values[String(key)], value)) continue
    const missing = needed.filter(name => !(name in level.values))
    if (missing.length === 0 || (isTrue(any) && missing.length < needed.length)) continue
    tell(
      level,
      `${key} is ${pythonText(value)} but ${isTrue(any) ? 'any' : 'all'} of the following are missing: ${missing.join(', ')}`,
    )
    return
  }
}

function requiredBy(level: Level, rule: unknown): void {
  for (const [key, names] of Object.entries(dict(rule))) {
    if ((level.values[key] ?? null) === null) continue
    const missing = (Array.isArray(names) ? names.map(String) : [String(names)]).filter(
      name => (level.values[name] ?? null) === null,
    )
    if (missing.length === 0) continue
    tell(level, `missing parameter(s) required by '${key}': ${missing.join(', ')}`)
    return
  }
}

function tell({ errors, path }: Level, message: string): void {
  errors.push(path.length > 0 ? `${message} found in ${path.join(' -> ')}` : message)
}

function count({ values }: Level, names: readonly string[]): number {
  return names.filter(name => name in values).length
}

function lists(rule: unknown): readonly string[][] {
  return Array.isArray(rule) ? rule.filter(Array.isArray).map(group => group.map(String)) : []
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

function supported(spec: Dict): Set<string> {
  return new Set(Object.entries(spec).flatMap(([name, each]) => [name, ...aliasesOf(each)]))
}

function aliasesOf(spec: unknown): string[] {
  const { aliases } = dict(spec)
  return Array.isArray(aliases) ? aliases.map(String) : []
}

function dict(value: unknown): Dict {
  return isDict(value) ? value : {}
}
