import { features } from './features.ts'

/** One method of one path. */
export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly parameters?: readonly object[]
  readonly requestBody?: { readonly required: true; readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>
}

type Content = Readonly<Record<string, { readonly schema: Schema; readonly example?: unknown }>>
/** JSON Schema 2020-12. */
export type Schema = Readonly<Record<string, unknown>>

/** Names one of `schemas`. */
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })
const json = (schema: Schema, example?: unknown): Content => ({
  'application/json': { schema, ...(example === undefined ? {} : { example }) },
})
/** A body that must be sent, with an example of it. */
export const body = (schema: Schema, example: unknown) => ({ required: true, content: json(schema, example) }) as const
/** An answer when all is well. */
export const ok = (description: string, schema: Schema, example?: unknown) => ({
  description,
  content: json(schema, example),
})
/** An answer when something is wrong. */
export const problem = (description: string) => ({ description, content: json(ref('Problem')) })
/** What can go wrong with every prediction. */
export const problems = {
  '400': problem('The body is no JSON, or does not fit; `problems` names each field'),
  '413': problem('The body is too large'),
  '415': problem('The body is not application/json'),
  '429': problem('Too many requests wait; `Retry-After` says when to try again'),
  '503': problem('No worker, or no model, answers; `Retry-After` says when to try again'),
}

/** The shapes that operations name. */
export const schemas: Readonly<Record<string, Schema>> = {
  Row: {
    description: `The eight measurements in the order of the table: ${features.map(({ name }) => name).join(', ')}. A 0 stands for a missing value.`,
    type: 'array',
    prefixItems: features.map(({ name, most, unit }) => ({
      title: name,
      description: unit,
      type: 'number',
      minimum: 0,
      maximum: most,
    })),
    items: false,
    minItems: features.length,
  },
  Label: { enum: [0, 1] },
  Probability: { type: 'number', minimum: 0, maximum: 1 },
  Inference: {
    type: 'object',
    required: ['inputs'],
    properties: {
      id: { type: 'string' },
      inputs: {
        type: 'array',
        minItems: 1,
        maxItems: 1,
        items: {
          type: 'object',
          required: ['name', 'datatype', 'shape', 'data'],
          properties: {
            name: { enum: ['rows', 'text'] },
            datatype: { type: 'string' },
            shape: { type: 'array', items: { type: 'integer', minimum: 1 } },
            data: { type: 'array' },
          },
        },
      },
      outputs: {
        type: 'array',
        items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
      },
    },
  },
  Problem: {
    type: 'object',
    required: ['error', 'code'],
    properties: {
      error: { type: 'string' },
      code: { type: 'string' },
      problems: {
        type: 'array',
        items: { type: 'object', properties: { field: { type: 'string' }, message: { type: 'string' } } },
      },
    },
  },
}
