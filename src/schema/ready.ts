import type { JsonSchema } from './validate.ts'

/**
 * A check that says yes or no, for schemas that the build wrote one for (scripts/ready-schemas.mjs). Among the sources there is none.
 */
export function readyCheck(_schema: JsonSchema): ((value: unknown) => boolean) | undefined {
  return undefined
}
