import type { JsonSchema } from '../schema/validate.ts'
import { keyText, type SourceNode } from '../source/node.ts'

/** Something in a document that its schema calls deprecated. */
export interface Deprecation {
  readonly path: readonly string[]
  /** The schema's own sentence, such as ``Use **package_update** instead.`` */
  readonly description: string
  /** Since which version of cloud-init. */
  readonly version: string
}

/** What of a document its schema marks as deprecated. Of several shapes that a value may have, `fits` says whether it has one. */
export function deprecations(
  node: SourceNode,
  schema: JsonSchema,
  fits: (node: SourceNode, shape: JsonSchema) => boolean,
): Deprecation[] {
  const found: Deprecation[] = []
  visit(node, schema, [])
  return found

  function visit(value: SourceNode, part: unknown, path: readonly string[]): void {
    const shape = resolved(part)
    if (shape['deprecated'] === true) {
      found.push({
        path,
        description: String(shape['deprecated_description'] ?? 'This is deprecated.'),
        version: String(shape['deprecated_version'] ?? ''),
      })
    }
    if (shape['$ref'] !== undefined) visit(value, target(shape['$ref']), path)
    for (const each of list(shape['allOf'])) visit(value, each, path)
    for (const union of [list(shape['anyOf']), list(shape['oneOf'])]) {
      const fitting = union.filter(each => fits(value, standalone(each)))
      const plain = fitting.find(each => resolved(each)['deprecated'] !== true)
      if (plain ?? fitting[0]) visit(value, plain ?? fitting[0], path)
    }
    if (value.kind === 'seq')
      for (const [i, item] of value.items.entries()) visit(item, shape['items'] ?? {}, [...path, String(i)])
    if (value.kind !== 'map') return
    for (const entry of value.entries) {
      const name = keyText(entry.key)
      for (const each of partsFor(name, shape)) visit(entry.value, each, [...path, name])
    }
  }

  function target(ref: unknown): unknown {
    let current: unknown = schema
    for (const step of String(ref).split('/').slice(1)) current = resolved(current)[step]
    return current
  }

  /** The part as a schema of its own, with the definitions that it refers to. */
  function standalone(part: unknown): JsonSchema {
    const shape = resolved(part)
    const made = known.get(shape) ?? { ...shape, $defs: schema['$defs'] }
    known.set(shape, made)
    return made
  }
}

/** One schema for each part: it is compiled once. */
const known = new WeakMap<object, JsonSchema>()

function partsFor(name: string, shape: Readonly<Record<string, unknown>>): unknown[] {
  const own = resolved(shape['properties'])[name]
  const byPattern = Object.entries(resolved(shape['patternProperties'])).filter(([pattern]) =>
    new RegExp(pattern).test(name),
  )
  return [...(own === undefined ? [] : [own]), ...byPattern.map(([, part]) => part)]
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function resolved(value: unknown): Readonly<Record<string, unknown>> {
  // a schema is plain JSON: an object that is no list has string keys
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
