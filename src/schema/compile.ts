import { Ajv, type ValidateFunction } from 'ajv'
import type { JsonSchema } from './validate.ts'

/** `verbose`: an error brings along the part of the schema that it is about. */
export const options = { allErrors: true, allowUnionTypes: true, verbose: true, strict: false }

/** A function that checks values. The build has those of the program's own schemas written out (scripts/ready-schemas.mjs). */
export function compile(schema: JsonSchema): ValidateFunction {
  return new Ajv(options).compile(schema)
}
