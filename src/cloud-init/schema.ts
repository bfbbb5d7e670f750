import type { JsonSchema } from '../schema/validate.ts'
import written from './schema-cloud-config-v1.json' with { type: 'json' }

/** cloud-init's own JSON Schema of `#cloud-config` (where it is from: schema-cloud-config-v1.LICENSE). */
export const cloudConfigSchema: JsonSchema = withoutDialect({ ...written })

/** All keys that cloud-init knows at the top level. */
export const topLevelKeys: readonly string[] = Object.keys(written.properties)

/** The schema names draft 4 and formats (`uri`, `date`) that nothing here checks; what it uses is the same in draft 7. */
function withoutDialect({ $schema, ...schema }: { $schema?: string } & Readonly<Record<string, unknown>>): JsonSchema {
  return asSchema(
    JSON.parse(
      JSON.stringify(schema, (key, value: unknown) => (key === 'format' && isText(value) ? undefined : value)),
    ),
  )
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function asSchema(value: unknown): JsonSchema {
  // a schema is a mapping: it was one before it was copied
  return value as JsonSchema
}
