import { createHash } from 'node:crypto'
import type { ScriptResult } from '../../connection/connection.ts'
import type { ArgTable } from '../../schema/arguments.ts'
import { type Script, sh } from '../../shell/sh.ts'
import { pathWord } from '../../shell/words.ts'
import { ModuleFailure } from '../module.ts'

/** How a database of MySQL or MariaDB is reached: the arguments that its modules share. */
export const mysqlArgs = {
  login_user: { type: 'str', doc: 'Who connects; as `config_file` says, when not given.' },
  login_password: { type: 'str', secret: true, doc: 'The password of who connects.' },
  login_host: { type: 'str', default: 'localhost', doc: 'The server; `localhost` is the socket.' },
  login_port: { type: 'int', default: 3306, doc: 'Port of the server.' },
  login_unix_socket: { type: 'str', doc: 'Path of the socket.' },
  config_file: { type: 'path', default: '~/.my.cnf', doc: 'File on the host with user and password, where it exists.' },
  connect_timeout: { type: 'int', default: 30, doc: 'Seconds to wait for the server.' },
  ca_cert: { type: 'path', aliases: ['ssl_ca'], doc: 'Authority of the server’s certificate.' },
  client_cert: { type: 'path', aliases: ['ssl_cert'], doc: 'Own certificate.' },
  client_key: { type: 'path', aliases: ['ssl_key'], doc: 'Key of it.' },
  check_hostname: {
    type: 'bool',
    doc: 'Compares the certificate’s name.',
    ignored: 'the client’s own settings say so',
  },
} as const satisfies ArgTable

interface Login {
  readonly login_user?: string | undefined
  readonly login_password?: string | undefined
  readonly login_host: string
  readonly login_port: number
  readonly login_unix_socket?: string | undefined
  readonly config_file: string
  readonly connect_timeout: number
  readonly ca_cert?: string | undefined
  readonly client_cert?: string | undefined
  readonly client_key?: string | undefined
}

/** Sends statements to the server through the client's standard input. Stops at the first error. */
export function mysql(login: Login, statements: readonly string[]): Script {
  const option = (name: string, value: string | undefined) => (value === undefined ? [] : [`--${name}=${value}`])
  const words = [
    ...option('user', login.login_user),
    ...(login.login_unix_socket === undefined
      ? [`--host=${login.login_host}`, ...(login.login_host === 'localhost' ? [] : [`--port=${login.login_port}`])]
      : [`--socket=${login.login_unix_socket}`]),
    ...option('ssl-ca', login.ca_cert),
    ...option('ssl-cert', login.client_cert),
    ...option('ssl-key', login.client_key),
  ]
  return sh`client=$(command -v mariadb || command -v mysql) || { echo 'mysql is not on this host' >&2; exit 127; }
export LC_ALL=C
${login.login_password === undefined ? sh`` : sh`export MYSQL_PWD=${login.login_password}`}
config=${pathWord(login.config_file)}
# The option for a file has to come first.
set -- ${words}
[ ! -r "$config" ] || set -- "--defaults-extra-file=$config" "$@"
exec 3>&1
# The client shows the statement, which may hold a password, before it says what is wrong with it.
said=$(printf '%s;\n' ${statements} | "$client" "$@" --batch --skip-column-names --raw --connect-timeout=${login.connect_timeout} --default-character-set=utf8mb4 2>&1 >&3)
status=$?
[ "$status" -eq 0 ] || { printf '%s\n' "$said" | grep ERROR >&2 || printf '%s\n' "$said" >&2; exit "$status"; }`
}

/** Throws what the server said. In a check there may be no server yet: false. */
export function serverAnswers({ status, stderr }: ScriptResult, checkMode: boolean): boolean {
  if (status === 0) return true
  // 2002 and 2003: nobody answers
  if (checkMode && (status === 127 || /ERROR 200[23]\b/.test(stderr))) return false
  const message = stderr.split('\n').find(line => line.startsWith('ERROR')) ?? stderr.trim()
  throw new ModuleFailure(message || `the client ended with ${status}`, { rc: status, stderr })
}

/** A name in SQL. */
export function identifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

/** A text in SQL, in the server's usual mode. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\n', '\\n').replaceAll('\0', '\\0')}'`
}

/** The hash of a password as `mysql_native_password` keeps it. */
export function nativeHash(password: string): string {
  if (password === '') return ''
  const once = createHash('sha1').update(password).digest()
  return `*${createHash('sha1').update(once).digest('hex').toUpperCase()}`
}
