import { MlopsError, type Position } from '../errors.ts'
import { didYouMean } from '../near.ts'
import type { ArgTable } from './arguments.ts'
import { argumentNames, asksForNothing, coerceArg, coerceArgs, requiredArguments } from './coerce.ts'

/** What of a module the check asks for. */
export interface CheckedModule {
  readonly args: ArgTable
  readonly check?: (args: Record<string, unknown>) => readonly string[]
}

/** A task's arguments as written. */
export interface GivenArgs {
  readonly args: Readonly<Record<string, unknown>>
  /** Where an argument's name or value stands; without a name, where the module's name stands. */
  at(name?: string, part?: 'key' | 'value'): Position
  /** Names that may come from elsewhere (`module_defaults`); `all` when a template gives further arguments. */
  readonly elsewhere?: readonly string[] | 'all'
}

/** What a task's arguments have against the module's table. Values that hold templates are known only while playing, and pass. */
export function checkArgs(name: string, module: CheckedModule, given: GivenArgs): MlopsError[] {
  const errors: MlopsError[] = []
  const names = argumentNames(module.args)
  const known: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(given.args)) {
    const argument = names.get(key)
    const spec = argument === undefined ? undefined : module.args[argument]
    if (argument === undefined || spec === undefined) {
      errors.push(unknownArgument(name, key, { at: given.at(key, 'key'), known: names }))
    } else if (
      spec.unsupported !== undefined &&
      value !== null &&
      !mayBeOmitted(value) &&
      !asksForNothing(argument, spec, value)
    ) {
      const message = `argument \`${key}\` of ${name} is not supported`
      errors.push(
        new MlopsError('module.unsupported-argument', message, { at: given.at(key, 'key'), hint: spec.unsupported }),
      )
    } else if (value !== null && !holdsTemplate(value)) {
      const coerced = coerceArg(argument, spec, value)
      if ('problem' in coerced) {
        errors.push(new MlopsError('module.argument', `${name}: ${coerced.problem}`, { at: given.at(key, 'value') }))
      } else known[argument] = coerced.value
    }
  }
  errors.push(...missing(name, module.args, given))
  return errors.length > 0 ? errors : conflicts(name, module, given, known)
}

/** `{{ x | default(omit) }}`: whether the argument is given at all shows while playing, and so whether it must be refused. */
function mayBeOmitted(value: unknown): boolean {
  return typeof value === 'string' && /\{\{.*\bomit\b/s.test(value)
}

/** Whether a template stands anywhere in a value. */
export function holdsTemplate(value: unknown): boolean {
  if (typeof value === 'string') return /\{[{%#]/.test(value)
  if (Array.isArray(value)) return value.some(holdsTemplate)
  if (value instanceof Map) return [...value].some(([key, item]) => holdsTemplate(key) || holdsTemplate(item))
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, item]) => holdsTemplate(key) || holdsTemplate(item))
}

function unknownArgument(
  name: string,
  key: string,
  { at, known }: { at: Position; known: ReadonlyMap<string, string> },
): MlopsError {
  const hint =
    didYouMean(key, known.keys()) ?? `arguments of ${name}: ${[...new Set(known.values())].sort().join(', ')}`
  return new MlopsError('module.unknown-argument', `${name} has no argument \`${key}\``, { at, hint })
}

function missing(name: string, table: ArgTable, given: GivenArgs): MlopsError[] {
  const { elsewhere = [] } = given
  if (elsewhere === 'all') return []
  const isGiven = (key: string) => (given.args[key] ?? null) !== null || elsewhere.includes(key)
  return requiredArguments(table)
    .filter(key => ![key, ...(table[key]?.aliases ?? [])].some(isGiven))
    .map(key => {
      const message = `${name} needs the argument \`${key}\``
      return new MlopsError('module.missing-argument', message, { at: given.at(), hint: table[key]?.doc })
    })
}

/** Checks between arguments; asked only when all of them are known, as one that a template gives counts as absent here. */
function conflicts(
  name: string,
  module: CheckedModule,
  given: GivenArgs,
  known: Readonly<Record<string, unknown>>,
): MlopsError[] {
  if (module.check === undefined || (given.elsewhere ?? []).length > 0) return []
  if (Object.values(given.args).some(holdsTemplate)) return []
  const { args } = coerceArgs(module.args, known)
  return module.check(args).map(message => new MlopsError('module.argument', `${name}: ${message}`, { at: given.at() }))
}
