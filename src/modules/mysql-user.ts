import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState } from './module.ts'
import { literal, mysql, mysqlArgs, nativeHash, serverAnswers } from './parts/mysql.ts'
import { type Grants, parseGrants, privilegeStatements, wantedGrants } from './parts/mysql-grants.ts'

const table = {
  name: { type: 'str', required: true, aliases: ['user'], doc: 'Name of the user.' },
  host: { type: 'str', default: 'localhost', doc: 'Where the user comes from; `%` is anywhere.' },
  host_all: { type: 'bool', default: false, doc: 'All of that name.', unsupported: 'name each `host` in a loop' },
  password: { type: 'str', secret: true, doc: 'The password.' },
  encrypted: { type: 'bool', default: false, doc: 'The password is a hash of `mysql_native_password`.' },
  update_password: {
    type: 'str',
    choices: ['always', 'on_create', 'on_new_username'],
    default: 'always',
    doc: 'Whether a user that is there gets the password too.',
  },
  priv: { type: 'raw', doc: 'Privileges: `db.table:SELECT,INSERT/other.*:ALL`, or a mapping of the same.' },
  append_privs: { type: 'bool', default: false, doc: 'Leaves other privileges.' },
  subtract_privs: { type: 'bool', default: false, doc: 'Takes these privileges away.' },
  state: { type: 'str', choices: ['absent', 'present'], default: 'present', doc: 'Whether the user is there.' },
  check_implicit_admin: {
    type: 'bool',
    default: false,
    doc: 'Tries root without a password first.',
    ignored: 'the client on the host logs in as it is set up',
  },
  sql_log_bin: { type: 'bool', default: true, doc: 'Whether changes go to the binary log.' },
  column_case_sensitive: { type: 'bool', doc: 'Columns by their case.', ignored: 'columns are compared as written' },
  plugin: { type: 'str', doc: 'Plugin for the login.', unsupported: 'use `password`' },
  plugin_hash_string: { type: 'str', secret: true, doc: 'Hash for that plugin.', unsupported: 'use `password`' },
  plugin_auth_string: { type: 'str', secret: true, doc: 'Password for that plugin.', unsupported: 'use `password`' },
  salt: { type: 'str', doc: 'Salt for that plugin.', unsupported: 'use `password`' },
  force_context: {
    type: 'bool',
    default: false,
    doc: 'Works in the database mysql.',
    ignored: 'no statement asks for one',
  },
  session_vars: { type: 'dict', doc: 'Variables of the session.', unsupported: 'set them with `command: mysql -e`' },
  password_expire: { type: 'str', doc: 'When it expires.', unsupported: 'set it with `command: mysql -e`' },
  password_expire_interval: {
    type: 'int',
    doc: 'After how many days.',
    unsupported: 'set it with `command: mysql -e`',
  },
  attributes: { type: 'dict', doc: 'Attributes of the user.', unsupported: 'set them with `command: mysql -e`' },
  locked: { type: 'bool', doc: 'Locks the user.', unsupported: 'set it with `command: mysql -e`' },
  resource_limits: { type: 'dict', doc: 'Limits.', unsupported: 'set them with `command: mysql -e`' },
  tls_requires: { type: 'dict', doc: 'What TLS is asked for.', unsupported: 'set it with `command: mysql -e`' },
  ...mysqlArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type UserState = {
  readonly passwordAsAsked?: boolean
  readonly grants?: Grants
}

export const mysqlUser = defineState({
  summary: 'Makes and removes users of MySQL and MariaDB, with their privileges.',
  details:
    'Works through the `mariadb` or `mysql` client on the host. Tried with MariaDB. Whether a password is the one that is asked for can be seen of `mysql_native_password`; with other plugins it is set each time.',
  args: table,
  examples: `
- community.mysql.mysql_user:
    name: predictor
    password: "{{ db_password }}"
    priv: predictor.*:ALL
    login_unix_socket: /run/mysqld/mysqld.sock
- mysql_user: { name: former, host: "%", state: absent }
`,
  returnDocs: { user: 'Name of the user.' },
  check: args =>
    args.append_privs && args.subtract_privs ? ['`append_privs` and `subtract_privs` exclude each other'] : [],
  look: args =>
    lines(
      section('user'),
      sh`(
${mysql(args, [`SELECT COALESCE(authentication_string, '') FROM mysql.user WHERE user = ${literal(args.name)} AND host = ${literal(args.host)}`])}
) || exit`,
      section('grants'),
      sh`(
${mysql(args, [`SHOW GRANTS FOR ${account(args)}`])}
) 2>/dev/null || :`,
    ),
  read(output, args, { checkMode }): UserState | undefined {
    if (!serverAnswers(output, checkMode)) return undefined
    const parts = sections(output.stdout)
    const user = parts.get('user') ?? ''
    if (user === '') return undefined
    return {
      passwordAsAsked: args.password !== undefined && user.trim() === hash(args),
      grants: parseGrants(parts.get('grants') ?? ''),
    }
  },
  want(args, state): Partial<UserState> | undefined {
    if (args.state === 'absent') return undefined
    const sets = args.password !== undefined && (state === undefined || args.update_password === 'always')
    return {
      ...(sets ? { passwordAsAsked: true } : {}),
      ...(args.priv === undefined ? {} : { grants: wantedGrants(args.priv, state?.grants ?? {}, mode(args)) }),
    }
  },
  change(args, { from, to }) {
    const log = args.sql_log_bin ? [] : ['SET SESSION sql_log_bin = 0']
    if (to === undefined) return { script: mysql(args, [...log, `DROP USER ${account(args)}`]) }
    const by = `IDENTIFIED BY ${args.encrypted ? 'PASSWORD ' : ''}${literal(args.password ?? '')}`
    const identified =
      from === undefined
        ? [`CREATE USER ${account(args)}${args.password === undefined ? '' : ` ${by}`}`]
        : to.passwordAsAsked && !from.passwordAsAsked
          ? [`ALTER USER ${account(args)} ${by}`]
          : []
    const grants = to.grants ? privilegeStatements(account(args), from?.grants ?? {}, to.grants) : []
    return { script: mysql(args, [...log, ...identified, ...grants]) }
  },
  // Passwords of other plugins cannot be seen.
  verify: false,
  diff: (_, { from, to }) => ({ before: shown(from), after: shown(to === undefined ? undefined : { ...from, ...to }) }),
  returns: ({ name }) => ({ user: name }),
})

function account({ name, host }: Args): string {
  return `${literal(name)}@${literal(host)}`
}

function hash({ password = '', encrypted }: Args): string {
  return encrypted ? password : nativeHash(password)
}

function mode({ append_privs, subtract_privs }: Args): 'all' | 'append' | 'subtract' {
  return append_privs ? 'append' : subtract_privs ? 'subtract' : 'all'
}

function shown(state: Partial<UserState> | undefined): string {
  return state === undefined
    ? 'absent\n'
    : `password: ${state.passwordAsAsked ? 'as asked' : 'another'}\n${JSON.stringify(state.grants ?? {}, null, 1)}\n`
}
