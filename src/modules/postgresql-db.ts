import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { defineState, ModuleFailure } from './module.ts'
import { identifier, literal, postgresqlArgs, psql, rows, serverAnswers } from './parts/postgresql.ts'

const table = {
  name: { type: 'str', required: true, aliases: ['db'], doc: 'Name of the database.' },
  state: {
    type: 'str',
    choices: ['absent', 'dump', 'present', 'rename', 'restore'],
    default: 'present',
    doc: 'Whether it is there; `dump`, `restore` and `rename` are not supported.',
  },
  owner: { type: 'str', default: '', doc: 'Its owner.' },
  template: { type: 'str', default: '', doc: 'The database it is copied from.' },
  encoding: { type: 'str', default: '', doc: 'Its encoding; fixed once it is there.' },
  lc_collate: { type: 'str', default: '', doc: 'Its collation; fixed once it is there.' },
  lc_ctype: { type: 'str', default: '', doc: 'Its classes of characters; fixed once it is there.' },
  conn_limit: { type: 'str', default: '', doc: 'How many connections it takes; -1: any number.' },
  tablespace: { type: 'path', default: '', doc: 'Its tablespace.' },
  comment: { type: 'str', doc: 'A comment on it.' },
  force: { type: 'bool', default: false, doc: 'With `state: absent`: ends its connections first.' },
  maintenance_db: { type: 'str', default: 'postgres', doc: 'The database that is connected to.' },
  target: { type: 'path', default: '', doc: 'File of a dump.', ignored: 'dumps are not supported' },
  target_opts: { type: 'str', default: '', doc: 'Options for dumps.', ignored: 'dumps are not supported' },
  dump_extra_args: { type: 'str', doc: 'Options for dumps.', ignored: 'dumps are not supported' },
  ...postgresqlArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type DatabaseState = {
  readonly owner?: string
  readonly encoding?: string
  readonly lc_collate?: string
  readonly lc_ctype?: string
  readonly conn_limit?: number
  readonly tablespace?: string
  readonly comment?: string
}

export const postgresqlDb = defineState({
  summary: 'Makes and removes databases of PostgreSQL.',
  details: 'Works through `psql` on the host; run it as a user whom the server lets in (`become_user: postgres`).',
  args: table,
  examples: `
- name: A database for the predictor
  become: true
  become_user: postgres
  community.postgresql.postgresql_db:
    name: predictor
    owner: predictor
    encoding: UTF8
- postgresql_db:
    name: old
    state: absent
    login_host: db.example.com
    login_password: "{{ db_password }}"
`,
  returnDocs: { db: 'Name of the database.', executed_commands: 'The statements that were run.' },
  check: ({ state }) =>
    state === 'dump' || state === 'restore' || state === 'rename'
      ? [`\`state: ${state}\` is not supported; use \`command\` with pg_dump, pg_restore or psql`]
      : [],
  look: args =>
    psql(args, args.maintenance_db, [
      `SELECT row_to_json(d) FROM (SELECT pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS encoding, datcollate AS lc_collate, datctype AS lc_ctype, datconnlimit AS conn_limit, spcname AS tablespace, coalesce(shobj_description(b.oid, 'pg_database'), '') AS comment FROM pg_database b LEFT JOIN pg_tablespace t ON t.oid = dattablespace WHERE datname = ${literal(args.name)}) d`,
    ]),
  read(output, _, { checkMode }): DatabaseState | undefined {
    return serverAnswers(output, checkMode) ? rows(output.stdout)[0] : undefined
  },
  want(args, state): Partial<DatabaseState> | undefined {
    if (args.state === 'absent') return undefined
    for (const key of ['encoding', 'lc_collate', 'lc_ctype'] as const) {
      if (state !== undefined && args[key] !== '' && !sameName(state[key] ?? '', args[key])) {
        throw new ModuleFailure(
          `${key} of the database ${args.name} is ${state[key]} and cannot be changed to ${args[key]}`,
        )
      }
    }
    return {
      ...(args.owner === '' ? {} : { owner: args.owner }),
      ...(args.conn_limit === '' ? {} : { conn_limit: Number(args.conn_limit) }),
      ...(args.tablespace === '' ? {} : { tablespace: args.tablespace }),
      ...(args.comment === undefined ? {} : { comment: args.comment }),
    }
  },
  change: (args, { from, to }) => ({ script: psql(args, args.maintenance_db, statements(args, from, to)) }),
  returns: (args, { from, changed, to }) => ({
    db: args.name,
    executed_commands: changed ? statements(args, from, args.state === 'absent' ? undefined : (to ?? {})) : [],
  }),
})

function statements(args: Args, from: DatabaseState | undefined, to: Partial<DatabaseState> | undefined): string[] {
  const name = identifier(args.name)
  if (to === undefined) return [`DROP DATABASE ${name}${args.force ? ' WITH (FORCE)' : ''}`]
  const comment =
    args.comment !== undefined && args.comment !== (from?.comment ?? '')
      ? [`COMMENT ON DATABASE ${name} IS ${literal(args.comment)}`]
      : []
  if (from === undefined) return [create(args), ...comment]
  const alter: string[] = []
  if (args.owner !== '' && args.owner !== from.owner)
    alter.push(`ALTER DATABASE ${name} OWNER TO ${identifier(args.owner)}`)
  if (args.conn_limit !== '' && Number(args.conn_limit) !== from.conn_limit)
    alter.push(`ALTER DATABASE ${name} CONNECTION LIMIT ${Number(args.conn_limit)}`)
  if (args.tablespace !== '' && args.tablespace !== from.tablespace)
    alter.push(`ALTER DATABASE ${name} SET TABLESPACE ${identifier(args.tablespace)}`)
  return [...alter, ...comment]
}

function create(args: Args): string {
  const words = [`CREATE DATABASE ${identifier(args.name)}`]
  if (args.owner !== '') words.push(`OWNER ${identifier(args.owner)}`)
  if (args.template !== '') words.push(`TEMPLATE ${identifier(args.template)}`)
  if (args.encoding !== '') words.push(`ENCODING ${literal(args.encoding)}`)
  if (args.lc_collate !== '') words.push(`LC_COLLATE ${literal(args.lc_collate)}`)
  if (args.lc_ctype !== '') words.push(`LC_CTYPE ${literal(args.lc_ctype)}`)
  if (args.tablespace !== '') words.push(`TABLESPACE ${identifier(args.tablespace)}`)
  if (args.conn_limit !== '') words.push(`CONNECTION LIMIT ${Number(args.conn_limit)}`)
  return words.join(' ')
}

/** `UTF-8`, `utf8` and `UTF8` are one name, and so are `en_US.UTF-8` and `en_US.utf8`. */
function sameName(is: string, want: string): boolean {
  const bare = (name: string) => name.toLowerCase().replaceAll(/[-_]/g, '')
  return bare(is) === bare(want)
}
