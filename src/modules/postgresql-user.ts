import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'
import { texts } from './parts/container-values.ts'
import { identifier, isPassword, literal, postgresqlArgs, psql, rows, serverAnswers } from './parts/postgresql.ts'

const table = {
  name: { type: 'str', required: true, aliases: ['user'], doc: 'Name of the user.' },
  state: { type: 'str', choices: ['absent', 'present'], default: 'present', doc: 'Whether it is there.' },
  password: { type: 'str', secret: true, doc: 'Its password, or the hash of it as PostgreSQL stores it.' },
  encrypted: { type: 'bool', default: true, doc: 'Stores a hash of it.', ignored: 'all servers of today do' },
  expires: { type: 'str', doc: 'When the password ends, such as `2030-01-01` or `infinity`.' },
  conn_limit: { type: 'int', doc: 'How many connections it may have; -1: any number.' },
  no_password_changes: { type: 'bool', default: false, doc: 'Leaves the password of a user that is there.' },
  role_attr_flags: { type: 'str', default: '', doc: 'Attributes, such as `CREATEDB,NOSUPERUSER`.' },
  fail_on_user: { type: 'bool', default: true, aliases: ['fail_on_role'], doc: 'Fails when it cannot be removed.' },
  comment: { type: 'str', doc: 'A comment on it.' },
  configuration: { type: 'dict', default: {}, doc: 'Settings for its sessions.' },
  reset_unspecified_configuration: { type: 'bool', default: false, doc: 'Takes other settings away.' },
  login_db: { type: 'str', default: '', aliases: ['db'], doc: 'The database that is connected to.' },
  priv: { type: 'str', doc: 'Privileges.', unsupported: 'give them with `command: psql -c "GRANT …"`' },
  groups: { type: 'list', doc: 'Roles it is in.', unsupported: 'give them with `command: psql -c "GRANT …"`' },
  ...postgresqlArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type UserState = {
  readonly flags: readonly string[]
  readonly passwordAsAsked?: boolean
  readonly expiresAsAsked?: boolean
  readonly conn_limit?: number
  readonly comment?: string
  readonly configuration?: Readonly<Record<string, string>>
}

export const postgresqlUser = defineState({
  summary: 'Makes, changes and removes users of PostgreSQL.',
  details:
    'Works through `psql` on the host; run it as a user whom the server lets in (`become_user: postgres`). Whether the password is the one that is asked for can be seen only by superusers; for others it is set each time.',
  args: table,
  examples: `
- name: A user for the predictor
  become: true
  become_user: postgres
  community.postgresql.postgresql_user:
    name: predictor
    password: "{{ db_password }}"
    role_attr_flags: CREATEDB,NOSUPERUSER
- postgresql_user:
    name: former
    state: absent
`,
  returnDocs: {
    user: 'Name of the user.',
    queries: 'The statements that were run, without passwords.',
    user_removed: 'Whether it was removed.',
  },
  check: args =>
    flagsOf(args.role_attr_flags ?? '')
      .filter(flag => !attributes.has(flag.replace(/^NO/, '')))
      .map(flag => `\`role_attr_flags\` has no ${flag}`),
  look: args => {
    const columns = (password: string) =>
      `SELECT row_to_json(u) FROM (SELECT rolsuper AS "SUPERUSER", rolcreaterole AS "CREATEROLE", rolcreatedb AS "CREATEDB", rolinherit AS "INHERIT", rolcanlogin AS "LOGIN", rolreplication AS "REPLICATION", rolbypassrls AS "BYPASSRLS", rolconnlimit AS conn_limit, ${password} AS password, ${args.expires === undefined ? 'true' : `coalesce(rolvaliduntil, 'infinity') = ${literal(args.expires)}::timestamptz`} AS expires, coalesce(shobj_description(r.oid, 'pg_authid'), '') AS comment, (SELECT setconfig FROM pg_db_role_setting WHERE setrole = r.oid AND setdatabase = 0) AS config FROM`
    const where = `r WHERE rolname = ${literal(args.name)}) u`
    const seen = psql(args, database(args), [`${columns('rolpassword')} pg_authid ${where}`])
    const less = psql(args, database(args), [`${columns("'?'")} pg_roles ${where}`])
    return lines(sh`(`, seen, sh`) 2>/dev/null || (`, less, sh`)`)
  },
  read(output, args, { checkMode }): UserState | undefined {
    if (!serverAnswers(output, checkMode)) return undefined
    const row = rows(output.stdout)[0]
    if (row === undefined) return undefined
    return {
      flags: [...attributes].map(flag => (row[flag] === true ? flag : `NO${flag}`)),
      passwordAsAsked: isPassword(String(row.password ?? ''), args.password ?? '', args.name),
      expiresAsAsked: row.expires === true,
      conn_limit: Number(row.conn_limit),
      comment: String(row.comment),
      configuration: settings(row.config),
    }
  },
  want(args, state): Partial<UserState> | undefined {
    if (args.state === 'absent') return undefined
    const flags = flagsOf(args.role_attr_flags)
    const keepsPassword = args.password === undefined || (args.no_password_changes && state !== undefined)
    const has = state?.configuration ?? {}
    const asked = inOneForm(texts(args.configuration))
    return {
      ...(flags.length === 0 ? {} : { flags: (state?.flags ?? []).map(flag => changed(flag, flags)) }),
      ...(keepsPassword ? {} : { passwordAsAsked: true }),
      ...(args.expires === undefined ? {} : { expiresAsAsked: true }),
      ...(args.conn_limit === undefined ? {} : { conn_limit: args.conn_limit }),
      ...(args.comment === undefined ? {} : { comment: args.comment }),
      configuration: args.reset_unspecified_configuration ? asked : { ...has, ...asked },
    }
  },
  same: {
    flags: (is, want) => want.length === 0 || want.join() === is.join(),
    configuration: (is = {}, want = {}) => JSON.stringify(sorted(is)) === JSON.stringify(sorted(want)),
  },
  change(args, { from, to }) {
    if (to === undefined) {
      const drop = psql(args, database(args), [`DROP USER ${identifier(args.name)}`])
      return { script: args.fail_on_user ? drop : lines(sh`(`, drop, sh`) || echo 'not removed'`) }
    }
    return { script: psql(args, database(args), statements(args, from, to)) }
  },
  // The password cannot be seen by all, and a user that owns something may stay.
  verify: false,
  diff: (_, { from, to }) => ({ before: shown(from), after: shown(to === undefined ? undefined : { ...from, ...to }) }),
  returns(args, { from, to, changed: isChanged, output }) {
    const stays = output?.stdout.includes('not removed') === true
    return {
      user: args.name,
      ...(args.state === 'absent' ? { user_removed: isChanged && !stays } : {}),
      ...(stays ? { changed: false } : {}),
      queries: isChanged && to !== undefined ? statements({ ...args, password: undefined }, from, to) : [],
    }
  },
})

const attributes = new Set(['SUPERUSER', 'CREATEROLE', 'CREATEDB', 'INHERIT', 'LOGIN', 'REPLICATION', 'BYPASSRLS'])

function flagsOf(text: string): string[] {
  return text
    .split(',')
    .map(flag => flag.trim().toUpperCase())
    .filter(flag => flag !== '')
}

/** The attribute as it is, or the other way round where that is asked for. */
function changed(flag: string, asked: readonly string[]): string {
  const bare = flag.replace(/^NO/, '')
  return asked.find(each => each.replace(/^NO/, '') === bare) ?? flag
}

function database({ login_db: name }: Args): string {
  return name === '' ? 'postgres' : name
}

function statements(args: Args, from: UserState | undefined, to: Partial<UserState>): string[] {
  const name = identifier(args.name)
  const options: string[] = []
  const flags = flagsOf(args.role_attr_flags)
  if (from === undefined || (to.flags !== undefined && to.flags.join() !== from.flags.join())) options.push(...flags)
  if (args.password !== undefined && (from === undefined || (to.passwordAsAsked && !from.passwordAsAsked)))
    options.push(args.password === '' ? 'PASSWORD NULL' : `PASSWORD ${literal(args.password)}`)
  if (args.expires !== undefined && from?.expiresAsAsked !== true) options.push(`VALID UNTIL ${literal(args.expires)}`)
  if (args.conn_limit !== undefined && args.conn_limit !== from?.conn_limit)
    options.push(`CONNECTION LIMIT ${args.conn_limit}`)
  const all: string[] = []
  if (from === undefined) all.push(['CREATE USER', name, ...options].join(' '))
  else if (options.length > 0) all.push(['ALTER USER', name, ...options].join(' '))
  if (args.comment !== undefined && args.comment !== (from?.comment ?? ''))
    all.push(`COMMENT ON ROLE ${name} IS ${literal(args.comment)}`)
  return [...all, ...configure(args, from)]
}

function configure(args: Args, from: UserState | undefined): string[] {
  const name = identifier(args.name)
  const has = from?.configuration ?? {}
  const asked = inOneForm(texts(args.configuration))
  for (const key of Object.keys(asked)) {
    if (!/^[A-Za-z_][\w.]*$/.test(key)) throw new ModuleFailure(`\`${key}\` is no name of a setting`)
  }
  return [
    ...Object.entries(asked)
      .filter(([key, value]) => has[key] !== value)
      .map(
        ([key, value]) =>
          `ALTER ROLE ${name} SET ${key} TO ${listSettings.has(key) ? value.split(', ').map(literal).join(', ') : literal(value)}`,
      ),
    ...(args.reset_unspecified_configuration ? Object.keys(has).filter(key => !(key in asked)) : []).map(
      key => `ALTER ROLE ${name} RESET ${key}`,
    ),
  ]
}

/** `name=value` texts, as the catalogue has them. */
function settings(config: unknown): Record<string, string> {
  const found: Record<string, string> = {}
  for (const text of Array.isArray(config) ? config.map(String) : []) {
    found[text.slice(0, text.indexOf('='))] = text.slice(text.indexOf('=') + 1)
  }
  return inOneForm(found)
}

/** Settings that hold a list: each item of theirs is quoted by itself. */
const listSettings = new Set([
  'search_path',
  'temp_tablespaces',
  'session_preload_libraries',
  'local_preload_libraries',
])

function inOneForm(values: Readonly<Record<string, string>>): Record<string, string> {
  const items = (text: string) =>
    text
      .split(',')
      .map(item => item.trim().replace(/^"(.*)"$/, '$1'))
      .join(', ')
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, listSettings.has(key) ? items(value) : value]),
  )
}

function sorted(values: Readonly<Record<string, string>>): unknown {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))
}

function shown(state: Partial<UserState> | undefined): string {
  if (state === undefined) return 'absent\n'
  const { passwordAsAsked, expiresAsAsked, ...rest } = state
  return `${JSON.stringify({ ...rest, password: passwordAsAsked ? 'as asked' : 'another', expires: expiresAsAsked ? 'as asked' : 'another' }, null, 1)}\n`
}
