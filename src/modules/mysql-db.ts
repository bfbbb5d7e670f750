import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { defineState } from './module.ts'
import { identifier, literal, mysql, mysqlArgs, serverAnswers } from './parts/mysql.ts'

const shell = 'use `shell` with mysqldump or mysql'
const ofDumps = {
  single_transaction: { type: 'bool', doc: 'Dumps in one transaction.', unsupported: shell },
  quick: { type: 'bool', doc: 'Dumps row by row.', unsupported: shell },
  ignore_tables: { type: 'list', elements: 'str', doc: 'Leaves tables out of a dump.', unsupported: shell },
  hex_blob: { type: 'bool', doc: 'Dumps bytes in hex.', unsupported: shell },
  force: { type: 'bool', doc: 'Goes on after errors.', unsupported: shell },
  master_data: { type: 'int', doc: 'Dumps for a replica.', unsupported: shell },
  skip_lock_tables: { type: 'bool', doc: 'Dumps without locks.', unsupported: shell },
  dump_extra_args: { type: 'str', doc: 'Further arguments of mysqldump.', unsupported: shell },
  use_shell: { type: 'bool', doc: 'Imports through a shell.', unsupported: shell },
  sql_log_bin: { type: 'bool', doc: 'Writes an import to the log.', unsupported: shell },
  chdir: { type: 'path', doc: 'The folder to work in.', unsupported: shell },
  pipefail: { type: 'bool', doc: 'Fails with a part of a pipe.', unsupported: shell },
} as const satisfies ArgTable

const table = {
  name: { type: 'list', elements: 'str', required: true, aliases: ['db'], doc: 'Names of the databases.' },
  state: {
    type: 'str',
    choices: ['absent', 'dump', 'import', 'present'],
    default: 'present',
    doc: 'Whether they are there; `dump` and `import` are not supported.',
  },
  encoding: { type: 'str', default: '', doc: 'Their character set, where they are made.' },
  collation: { type: 'str', default: '', doc: 'Their collation, where they are made.' },
  target: { type: 'path', doc: 'File of a dump.', unsupported: 'use `shell` with mysqldump or mysql' },
  ...ofDumps,
  check_implicit_admin: {
    type: 'bool',
    default: false,
    doc: 'Tries root without a password first.',
    ignored: 'the client on the host logs in as it is set up',
  },
  unsafe_login_password: {
    type: 'bool',
    default: false,
    doc: 'Quotes no password.',
    ignored: 'it stands on no command line',
  },
  restrict_config_file: { type: 'bool', default: false, doc: 'Reads only `config_file`.', ignored: 'only dumps ask' },
  config_overrides_defaults: {
    type: 'bool',
    default: false,
    doc: 'Takes host and port from `config_file`.',
    ignored: 'arguments that are given win',
  },
  ...mysqlArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

/** The databases that are asked for: whether each is there. */
type DatabasesState = { readonly databases: Readonly<Record<string, boolean>> }

export const mysqlDb = defineState({
  summary: 'Makes and removes databases of MySQL and MariaDB.',
  details: 'Works through the `mariadb` or `mysql` client on the host. Tried with MariaDB.',
  args: table,
  examples: `
- community.mysql.mysql_db:
    name: predictor
    encoding: utf8mb4
    login_unix_socket: /run/mysqld/mysqld.sock
- mysql_db:
    name: [old, older]
    state: absent
`,
  returnDocs: {
    db: 'Names of the databases in one text.',
    db_list: 'Names of the databases.',
    executed_commands: 'The statements that were run.',
  },
  check: ({ state }) =>
    state === 'dump' || state === 'import'
      ? [`\`state: ${state}\` is not supported; use \`shell\` with mysqldump or mysql`]
      : [],
  look: args =>
    mysql(
      args,
      args.name.map(
        (name, i) => `SELECT ${i}, COUNT(*) FROM information_schema.schemata WHERE schema_name = ${literal(name)}`,
      ),
    ),
  read(output, args, { checkMode }): DatabasesState {
    const lines = serverAnswers(output, checkMode) ? output.stdout.split('\n') : []
    return { databases: Object.fromEntries(args.name.map((name, i) => [name, lines.includes(`${i}\t1`)])) }
  },
  want: args => ({ databases: Object.fromEntries(args.name.map(name => [name, args.state === 'present'])) }),
  change: (args, { from }) => ({ script: mysql(args, statements(args, from)) }),
  returns: (args, { from, changed }) => ({
    db: args.name.join(' '),
    db_list: args.name,
    executed_commands: changed ? statements(args, from) : [],
  }),
})

function statements(args: Args, from: DatabasesState | undefined): string[] {
  const options = [
    ...(args.encoding === '' ? [] : [`CHARACTER SET ${literal(args.encoding)}`]),
    ...(args.collation === '' ? [] : [`COLLATE ${literal(args.collation)}`]),
  ]
  return args.name.flatMap(name => {
    const there = from?.databases[name] === true
    if (args.state === 'absent') return there ? [`DROP DATABASE ${identifier(name)}`] : []
    return there ? [] : [['CREATE DATABASE', identifier(name), ...options].join(' ')]
  })
}
