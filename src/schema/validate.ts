import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { MlopsError, type Position } from '../errors.ts'
import { didYouMean } from '../near.ts'
import { at, json, type SourceNode } from '../source/node.ts'
import { readyCheck } from './ready.ts'

/** A JSON Schema (draft 7). `description`s of it are shown as hints. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** What a document has against its schema, each with its place, in the order of the file. Codes are `schema.…`. */
export function validate(node: SourceNode, schema: JsonSchema): MlopsError[] {
  return violations(node, schema).map(({ error }) => error)
}

/** One complaint of a schema: what it says, and about which value. */
export interface Violation {
  readonly error: MlopsError
  /** The keys and indexes that lead to the value. */
  readonly path: readonly string[]
  /** The keyword of JSON Schema, and what it has to say (`additionalProperty`, `type` …). */
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  /** The keys that a mapping may have there. */
  readonly known: readonly string[]
}

/** The same as `validate`, for those who judge the complaints themselves. */
export function violations(node: SourceNode, schema: JsonSchema): Violation[] {
  const value = json(node)
  if (readyCheck(schema)?.(value)) return []
  const validator = compiled(schema)
  if (validator(value)) return []
  const found = withoutNoise(validator.errors ?? []).map(error => ({
    ...{ error: explainable(node, error), path: pointer(error.instancePath) },
    ...{ keyword: error.keyword, params: asRecord(error.params) },
    known: Object.keys(asRecord(error.parentSchema?.properties)),
  }))
  found.sort((a, b) => order(a.error.at, b.error.at))
  return found.filter(({ error }, i) => !same(error, found[i - 1]?.error))
}

const validators = new WeakMap<JsonSchema, ValidateFunction>()

function compiled(schema: JsonSchema): ValidateFunction {
  const known = validators.get(schema)
  if (known) return known
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, verbose: true, strict: false })
  const validator = ajv.compile(schema)
  validators.set(schema, validator)
  return validator
}

/**
 * Of an `anyOf` or `oneOf` only the complaints of the branch that was meant are kept: the one that got furthest into the
 * value. When every branch stumbles over the value itself, one sentence names what is possible.
 */
function withoutNoise(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  let left = errors.filter(error => error.keyword !== 'if' && error.keyword !== 'propertyNames')
  const unions = left.filter(error => error.keyword === 'anyOf' || error.keyword === 'oneOf')
  // the innermost unions stand first in the list, so an outer one sees what is left of them
  for (const union of unions) {
    const inside = left.filter(error => error !== union && error.schemaPath.startsWith(`${union.schemaPath}/`))
    const branches = new Map<string, ErrorObject[]>()
    for (const error of inside) {
      const branch = error.schemaPath.slice(union.schemaPath.length + 1).split('/')[0] ?? ''
      branches.set(branch, [...(branches.get(branch) ?? []), error])
    }
    const meant = [...branches.values()]
      .filter(branch => !branch.some(error => shallow(error, union)))
      .sort((a, b) => a.length - b.length)[0]
    const dropped = new Set(inside.filter(error => !meant?.includes(error)))
    if (meant) dropped.add(union)
    left = left.filter(error => !dropped.has(error))
  }
  return left
}

/** The value as a whole does not fit the branch. */
function shallow(error: ErrorObject, union: ErrorObject): boolean {
  return error.instancePath === union.instancePath && ['type', 'const', 'enum', 'pattern'].includes(error.keyword)
}

function explainable(root: SourceNode, error: ErrorObject): MlopsError {
  const path = pointer(error.instancePath)
  const node = at(root, path) ?? root
  const name = path.length === 0 ? undefined : shownName(path)
  const subject = name === undefined ? 'the file' : `\`${name}\``
  const value = node.kind === 'scalar' ? `, not \`${node.sourceText || 'null'}\`` : ''
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const key = String(error.params.additionalProperty ?? error.params.unevaluatedProperty)
      const place = node.kind === 'map' ? node.entry(key)?.key.at : undefined
      const known = Object.keys(asRecord(error.parentSchema?.properties))
      const hint = didYouMean(key, known) ?? (known.length > 0 ? `known keys: ${known.join(', ')}` : undefined)
      const owner = name === undefined ? '' : ` in \`${name}\``
      return new MlopsError('schema.unknown-key', `unknown key \`${key}\`${owner}`, { at: place ?? node.at, hint })
    }
    case 'required': {
      const key = String(error.params.missingProperty)
      const schema = asRecord(asRecord(error.parentSchema?.properties)[key])
      return new MlopsError('schema.missing-key', `${subject} needs the key \`${key}\``, {
        at: keyPlace(root, path) ?? node.at,
        hint: description(schema),
      })
    }
    case 'type': {
      const wanted = [error.params.type].flat().map(typeWord).join(' or ')
      const is = node.kind === 'map' ? ', not a mapping' : node.kind === 'seq' ? ', not a list' : value
      return wrong('schema.type', `${subject} must be ${wanted}${is}`)
    }
    case 'enum':
      return choices(list(error.params.allowedValues))
    case 'const':
      return choices([error.params.allowedValue])
    case 'pattern':
    case 'format':
      return wrong('schema.value', `${subject} is not written as it must be${value}`)
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum': {
      const bounds: Record<string, string> = { '>=': 'at least', '<=': 'at most', '>': 'more than', '<': 'less than' }
      const bound = bounds[String(error.params.comparison)] ?? String(error.params.comparison)
      return wrong('schema.value', `${subject} must be ${bound} ${error.params.limit}${value}`)
    }
    case 'minItems':
    case 'minProperties':
    case 'minLength':
      return wrong('schema.value', `${subject} must hold at least ${error.params.limit}`)
    case 'anyOf':
    case 'oneOf': {
      const wanted = branchTypes(error)
      return wrong('schema.type', wanted ? `${subject} must be ${wanted}${value}` : `${subject} has none of its shapes`)
    }
    case 'not':
      return wrong(
        'schema.value',
        `${subject} ${node.kind === 'map' ? 'has keys that do not go together' : 'cannot be that'}`,
      )
    default:
      return wrong('schema.value', `${subject} ${error.message ?? 'is not valid'}`)
  }

  function wrong(code: string, message: string): MlopsError {
    return new MlopsError(code, message, { at: node.at, hint: description(error.parentSchema) })
  }

  function choices(values: readonly unknown[]): MlopsError {
    const names = values.map(String)
    const hint = node.kind === 'scalar' ? didYouMean(String(node.value), names) : undefined
    const message = `${subject} must be ${orList(names.map(choice => `\`${choice}\``))}${value}`
    return new MlopsError('schema.choice', message, { at: node.at, hint: hint ?? description(error.parentSchema) })
  }
}

function branchTypes(error: ErrorObject): string | undefined {
  const types = list(error.schema).map(branch => asRecord(branch).type)
  return types.every(type => typeof type === 'string') ? orList([...new Set(types.map(typeWord))]) : undefined
}

function keyPlace(root: SourceNode, path: readonly string[]): Position | undefined {
  const last = path.at(-1)
  const parent = at(root, path.slice(0, -1))
  return last !== undefined && parent?.kind === 'map' ? parent.entry(last)?.key.at : undefined
}

function pointer(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function shownName(path: readonly string[]): string {
  return path.map((step, i) => (/^\d+$/.test(step) ? `[${step}]` : i === 0 ? step : `.${step}`)).join('')
}

function typeWord(type: unknown): string {
  const words: Record<string, string> = {
    string: 'a text',
    number: 'a number',
    integer: 'a whole number',
    boolean: 'true or false',
    object: 'a mapping',
    array: 'a list',
    null: 'empty',
  }
  return words[String(type)] ?? String(type)
}

function description(schema: unknown): string | undefined {
  const text = asRecord(schema).description
  return typeof text === 'string' ? text : undefined
}

function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

function order(a: Position | undefined, b: Position | undefined): number {
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0)
}

function same(a: MlopsError, b: MlopsError | undefined): boolean {
  return a.message === b?.message && order(a.at, b.at) === 0
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  // a schema is plain JSON: an object that is no list has string keys
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
