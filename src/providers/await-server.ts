import { setTimeout as wait } from 'node:timers/promises'
import { type Connection, ConnectionError, type OpenConnection } from '../connection/connection.ts'
import { MlopsError } from '../errors.ts'
import { sh } from '../shell/sh.ts'
import type { Server } from './provider.ts'

export interface AwaitOptions {
  readonly open: OpenConnection
  readonly knownHostsFile: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Where to look when it never answers. */
  readonly hint: string
}

/**
 * Waits until a server lets us in with the pinned host key and cloud-init has finished; gives cloud-init's complaints.
 * Throws `server.unreachable`, `server.cloud-init`.
 */
export async function awaitServer(server: Server, options: AwaitOptions): Promise<string[]> {
  const connection = await connect(server, options)
  try {
    return await cloudInit(server, connection, options)
  } finally {
    await connection.close()
  }
}

async function connect(server: Server, options: AwaitOptions): Promise<Connection> {
  const end = Date.now() + options.timeoutMs
  for (;;) {
    try {
      return await options.open(target(server, options.knownHostsFile), options.signal)
    } catch (error) {
      // While it boots, sshd is not there yet, then not yet open to users.
      if (!(error instanceof ConnectionError) || error.kind === 'interrupted') throw error
      if (Date.now() > end) {
        throw new MlopsError('server.unreachable', `${server.name} does not let us in: ${error.message}`, {
          hint: options.hint,
          cause: error,
        })
      }
    }
    await wait(250, undefined, options.signal ? { signal: options.signal } : {})
  }
}

function target(server: Server, knownHostsFile: string) {
  return {
    host: server.name,
    type: 'ssh' as const,
    address: server.address,
    port: server.port,
    user: server.user,
    privateKeyFile: server.privateKeyFile,
    knownHostsFiles: [knownHostsFile],
    hostKeyChecking: true,
    connectTimeoutMs: 5000,
  }
}

async function cloudInit(server: Server, connection: Connection, options: AwaitOptions): Promise<string[]> {
  const script = sh`
command -v cloud-init >/dev/null || exit 0
cloud-init status --wait >/dev/null 2>&1
status=$?
case $status in
  0) ;;
  2) cloud-init status --format json 2>/dev/null; sudo -n cloud-init schema --system >&2 ;;
  *) cloud-init status --long 2>&1 ;;
esac
exit $status`
  const [result] = await connection.run([{ script, timeoutMs: options.timeoutMs }], options.signal)
  if (result?.status === 0) return []
  // Done, with complaints (cloud-init 23.4 and later).
  if (result?.status === 2) return [...complaints(result.stdout), ...unknownKeys(result.stderr)]
  throw new MlopsError('server.cloud-init', `cloud-init failed on ${server.name}: ${result?.stdout.trim() ?? ''}`, {
    hint: `read /var/log/cloud-init-output.log on ${server.name}`,
  })
}

/** Keys of older instructions that cloud-init never knew, and what they meant. */
const MEANT: Readonly<Record<string, string>> = { byobu_default: 'byobu_by_default', home: 'homedir' }

/** The keys that `cloud-init schema` does not know, one sentence for each. */
export function unknownKeys(schemaErrors: string): string[] {
  const found = schemaErrors.matchAll(
    /([\w.]+): Additional properties are not allowed \(([^)]*) (?:was|were) unexpected\)/g,
  )
  return [...found].flatMap(([, where = '', names = '']) =>
    [...names.matchAll(/'([^']+)'/g)].map(([, key = '']) => {
      const meant = MEANT[key]
      const place = where === key || where === '' ? '' : ` in ${where}`
      return `it does not know the key ${key}${place}${meant === undefined ? '' : `: ${meant} is meant`}`
    }),
  )
}

/** What cloud-init complains of in its JSON status (`recoverable_errors`: level → messages), each line once. */
export function complaints(json: string): string[] {
  let status: unknown
  try {
    status = JSON.parse(json)
  } catch {
    return []
  }
  if (typeof status !== 'object' || status === null || !('recoverable_errors' in status)) return []
  const levels = status.recoverable_errors
  if (typeof levels !== 'object' || levels === null) return []
  const messages = Object.values(levels).flatMap(value => (Array.isArray(value) ? value : []))
  return [...new Set(messages.filter(message => typeof message === 'string'))]
}
