import type { ArgTable } from '../schema/arguments.ts'
import { defineState } from './module.ts'
import { identifier, literal, postgresqlArgs, psql, rows, serverAnswers } from './parts/postgresql.ts'

const table = {
  name: { type: 'str', required: true, aliases: ['ext'], doc: 'Name of the extension.' },
  db: { type: 'str', required: true, aliases: ['login_db'], doc: 'The database.' },
  schema: { type: 'str', doc: 'The schema that it is put in.' },
  state: { type: 'str', choices: ['absent', 'present'], default: 'present', doc: 'Whether it is there.' },
  cascade: { type: 'bool', default: false, doc: 'With what it needs, or what needs it.' },
  version: { type: 'str', doc: 'Its version; `latest` for the newest that the host has.' },
  ...postgresqlArgs,
} as const satisfies ArgTable

type Extension = { readonly version?: string; readonly schema?: string; readonly newest?: string }

export const postgresqlExt = defineState({
  summary: 'Adds and removes extensions of PostgreSQL.',
  args: table,
  examples: `
- community.postgresql.postgresql_ext: { name: pgcrypto, db: predictor }
  become: true
  become_user: postgres
- postgresql_ext:
    name: hstore
    db: predictor
    schema: public
    version: latest
- postgresql_ext: { name: old, db: predictor, state: absent, cascade: true }
`,
  returnDocs: { queries: 'The statements that were run.' },
  look: args =>
    psql(args, args.db, [
      `SELECT row_to_json(e) FROM (SELECT extversion AS version, nspname AS schema, (SELECT default_version FROM pg_available_extensions a WHERE a.name = extname) AS newest FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = ${literal(args.name)}) e`,
    ]),
  read(output, _args, { checkMode }): Extension | undefined {
    if (!serverAnswers(output, checkMode)) return undefined
    const [row] = rows(output.stdout)
    if (row === undefined) return undefined
    return { version: String(row['version']), schema: String(row['schema']), newest: String(row['newest']) }
  },
  want({ state, schema, version }, from): Extension | undefined {
    if (state === 'absent') return undefined
    const wanted = version === 'latest' ? from?.newest : version
    return { ...(schema === undefined ? {} : { schema }), ...(wanted === undefined ? {} : { version: wanted }) }
  },
  change: (args, { from, to }) => ({ script: psql(args, args.db, statements(args, from, to)) }),
  returns: (args, { from, to, changed }) => ({ changed, queries: changed ? statements(args, from, to) : [] }),
})

function statements(
  {
    name,
    schema,
    version,
    cascade,
    state,
  }: { name: string; schema?: string | undefined; version?: string | undefined; cascade: boolean; state: string },
  from: Extension | undefined,
  to: Extension | undefined,
): string[] {
  const own = identifier(name)
  const end = cascade ? ' CASCADE' : ''
  if (state === 'absent') return [`DROP EXTENSION ${own}${end}`]
  if (from === undefined) {
    const place = schema === undefined ? '' : ` SCHEMA ${identifier(schema)}`
    return [
      `CREATE EXTENSION ${own}${place}${version === undefined || version === 'latest' ? '' : ` VERSION ${literal(version)}`}${end}`,
    ]
  }
  return [
    ...(schema !== undefined && from.schema !== schema
      ? [`ALTER EXTENSION ${own} SET SCHEMA ${identifier(schema)}`]
      : []),
    ...(to?.version !== undefined && from.version !== to.version
      ? [`ALTER EXTENSION ${own} UPDATE TO ${literal(to.version)}`]
      : []),
  ]
}
