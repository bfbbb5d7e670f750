import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import type { ScriptResult } from '../../connection/connection.ts'
import type { ArgTable } from '../../schema/arguments.ts'
import { type Script, sh } from '../../shell/sh.ts'
import { ModuleFailure } from '../module.ts'

/** How a database of PostgreSQL is reached: the arguments that its modules share. */
export const postgresqlArgs = {
  login_host: { type: 'str', aliases: ['host'], doc: 'The server; the socket on the host when not given.' },
  login_user: { type: 'str', default: 'postgres', aliases: ['login'], doc: 'Who connects.' },
  login_password: { type: 'str', secret: true, doc: 'The password of who connects.' },
  login_port: { type: 'int', default: 5432, aliases: ['port'], doc: 'Port of the server.' },
  login_unix_socket: { type: 'str', aliases: ['unix_socket'], doc: 'Folder of the socket.' },
  ssl_mode: {
    type: 'str',
    choices: ['allow', 'disable', 'prefer', 'require', 'verify-ca', 'verify-full'],
    default: 'prefer',
    doc: 'Whether TLS is used.',
  },
  ca_cert: { type: 'str', aliases: ['ssl_rootcert'], doc: 'File of the certificate’s authority, on the host.' },
  ssl_cert: { type: 'path', doc: 'File of the own certificate, on the host.' },
  ssl_key: { type: 'path', doc: 'File of its key.' },
  session_role: { type: 'str', doc: 'The role to become first.' },
  trust_input: { type: 'bool', default: true, doc: 'Looks for attacks in names.', ignored: 'all names are quoted' },
  connect_params: {
    type: 'dict',
    doc: 'Further parameters of the connection.',
    unsupported: 'set them in the environment of the task (PGOPTIONS …)',
  },
} as const satisfies ArgTable

interface Login {
  readonly login_host?: string | undefined
  readonly login_user: string
  readonly login_password?: string | undefined
  readonly login_port: number
  readonly login_unix_socket?: string | undefined
  readonly ssl_mode: string
  readonly ca_cert?: string | undefined
  readonly ssl_cert?: string | undefined
  readonly ssl_key?: string | undefined
  readonly session_role?: string | undefined
}

/** Sends statements to the database through psql's standard input; a secret never stands on a command line. Stops at the first error. */
export function psql(login: Login, database: string, statements: readonly string[]): Script {
  const variables = {
    PGHOST: login.login_unix_socket ?? login.login_host,
    PGUSER: login.login_user,
    PGPASSWORD: login.login_password,
    PGPORT: String(login.login_port),
    PGSSLMODE: login.ssl_mode,
    PGSSLROOTCERT: login.ca_cert,
    PGSSLCERT: login.ssl_cert,
    PGSSLKEY: login.ssl_key,
    PGDATABASE: database,
  }
  const given = Object.entries(variables).filter(([, value]) => value !== undefined && value !== '')
  const all = [
    ...(login.session_role === undefined ? [] : [`SET ROLE ${identifier(login.session_role)}`]),
    ...statements,
  ]
  return sh`command -v psql >/dev/null || { echo 'psql is not on this host' >&2; exit 127; }
export LC_ALL=C PGCLIENTENCODING=UTF8 PGCONNECT_TIMEOUT=30
${given.map(([name, value]) => sh`export ${name}=${value ?? ''};`)}
printf '%s;\n' ${all} | psql --no-psqlrc --quiet --no-align --tuples-only --no-password -v ON_ERROR_STOP=1`
}

/** Throws what the server said. In a check there may be no server yet: false. */
export function serverAnswers({ status, stderr }: ScriptResult, checkMode: boolean): boolean {
  if (status === 0) return true
  if (checkMode && (status === 127 || status === 2)) return false
  throw new ModuleFailure(stderr.trim().split('\n')[0] || `psql ended with ${status}`, { rc: status, stderr })
}

/** One JSON object a line. */
export function rows(stdout: string): readonly Readonly<Record<string, unknown>>[] {
  return stdout
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Record<string, unknown>) // row_to_json gives an object
}

/** A name in SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text in SQL. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
  return text.includes('\\') ? `E${quoted}` : quoted
}

/** Whether a stored password (MD5 or SCRAM) is that of the user; a password that is a hash already is compared as it is. */
export function isPassword(stored: string, password: string, user: string): boolean {
  if (stored === password) return true
  if (password === '') return stored === ''
  if (stored.startsWith('md5'))
    return (
      stored ===
      `md5${createHash('md5')
        .update(password + user)
        .digest('hex')}`
    )
  // RFC 5802, section 3, as PostgreSQL stores it: SCRAM-SHA-256$rounds:salt$StoredKey:ServerKey
  const match = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):/.exec(stored)
  if (match === null) return false
  const salted = pbkdf2Sync(
    password.normalize('NFKC'),
    Buffer.from(match[2] ?? '', 'base64'),
    Number(match[1]),
    32,
    'sha256',
  )
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  return createHash('sha256').update(clientKey).digest('base64') === match[3]
}
