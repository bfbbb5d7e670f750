import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { defineAction, ModuleFailure } from './module.ts'
import { identifier, postgresqlArgs, psql } from './parts/postgresql.ts'
import { answerOf, asRows, sqlValue, withArguments } from './parts/query.ts'

const table = {
  query: { type: 'raw', doc: 'A statement, or a list of them.' },
  db: { type: 'str', aliases: ['login_db'], doc: 'The database; that of the user’s name when not given.' },
  positional_args: { type: 'list', elements: 'raw', doc: 'Values for each `%s`.' },
  named_args: { type: 'dict', doc: 'Values for each `%(name)s`.' },
  autocommit: { type: 'bool', default: false, doc: 'Runs each statement on its own, outside a transaction.' },
  search_path: { type: 'list', elements: 'str', doc: 'Schemas that names are looked for in.' },
  encoding: { type: 'str', doc: 'The encoding of the client.', ignored: 'it is UTF-8' },
  as_single_query: { type: 'bool', doc: 'How a script is read.', ignored: 'scripts are not read' },
  path_to_script: { type: 'path', doc: 'A script.', unsupported: 'give `query`, or use `command: psql -f …`' },
  ...postgresqlArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const postgresqlQuery = defineAction({
  summary: 'Runs statements in PostgreSQL and registers their rows.',
  details:
    'In check mode all is run in a transaction that is rolled back, as Ansible does. Values come with the types that JSON has for them.',
  args: table,
  check: ({ query, positional_args, named_args }) => [
    ...(query === undefined ? ['`query` is needed'] : []),
    ...(positional_args !== undefined && named_args !== undefined
      ? ['`positional_args` and `named_args` exclude each other']
      : []),
  ],
  examples: `
- community.postgresql.postgresql_query:
    db: predictor
    query: SELECT * FROM model WHERE name = %s AND version > %s
    positional_args: [iris, 3]
  register: found
- postgresql_query:
    db: predictor
    query:
      - UPDATE model SET live = false
      - UPDATE model SET live = true WHERE version = %(version)s
    named_args: { version: 4 }
`,
  returnDocs: {
    query: 'The last statement.',
    query_list: 'All statements.',
    query_result: 'Rows of the last one.',
    query_all_results: 'Rows of each.',
    statusmessage: 'What the server says of the last one.',
    rowcount: 'How many rows were read or changed.',
  },
  runsInCheckMode: true,
  act(args, { checkMode }) {
    if (checkMode && args.autocommit) throw new ModuleFailure('autocommit and check mode exclude each other')
    const path = args.search_path?.map(identifier).join(', ')
    return {
      script: psql(args, args.db ?? args.login_user, [
        ...(path === undefined ? [] : [`SET search_path TO ${path}`]),
        ...(args.autocommit ? [] : ['BEGIN']),
        // each on lines of its own: it may end with a comment
        ...statements(args).flatMap((text, i) => [`SELECT 'answer ${i}'`, `${asRows(text)}\n`]),
        ...(args.autocommit ? [] : [checkMode ? 'ROLLBACK' : 'COMMIT']),
      ]),
    }
  },
  read({ status, stdout, stderr }, args) {
    const all = statements(args)
    if (status !== 0) {
      const why = /^(?:psql:.*?: )?ERROR: .*/m.exec(stderr)?.[0] ?? stderr.trim()
      return { failed: true, rc: status, msg: `Cannot execute SQL: ${why}`, query_list: all }
    }
    const parts = stdout.split(/^answer \d+\n/m).slice(1)
    const answers = all.map((text, i) => answerOf(text, parts[i] ?? ''))
    const last = answers.at(-1)
    return {
      changed: answers.some(({ count, kind }) => (kind === 'change' ? count > 0 : kind === 'other')),
      query: all.at(-1) ?? '',
      query_list: all,
      query_result: last?.rows ?? [],
      query_all_results: answers.map(({ rows }) => rows),
      statusmessage: last?.message ?? '',
      rowcount: answers.reduce((sum, { count }) => sum + count, 0),
    }
  },
})

function statements({ query, positional_args, named_args }: Args): string[] {
  const all = Array.isArray(query) ? query : [query]
  return all.map(text => {
    const bare = String(text).trim().replace(/;\s*$/, '')
    if (positional_args === undefined && named_args === undefined) return bare
    return withArguments(
      bare,
      positional_args?.map(sqlValue),
      named_args === undefined ? undefined : values(named_args),
    )
  })
}

function values(named: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, sqlValue(value)]))
}
