import { setTimeout as wait } from 'node:timers/promises'
import { complaints, type Stage } from '../cloud-init/boot-status.ts'
import { lastBoot } from '../cloud-init/failing-commands.ts'
import { BootFollower, watchBoot } from '../cloud-init/watch.ts'
import { type Connection, ConnectionError, type OpenConnection } from '../connection/connection.ts'
import { MlopsError, throwAll } from '../errors.ts'
import { sh } from '../shell/sh.ts'
import { bootErrors, commandWarnings } from './boot-errors.ts'
import type { Progress, Server } from './provider.ts'

export interface AwaitOptions {
  readonly open: OpenConnection
  readonly knownHostsFile: string
  /** For sshd to let us in. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** When the server was started, in milliseconds since 1970; undefined: now. */
  readonly since?: number | undefined
  /** How long one try to log in may take. */
  readonly connectTimeoutMs?: number | undefined
  /** Where to look when it never answers. */
  readonly hint: string
  /** The file of its user data, to name the place of a command that fails. */
  readonly userDataFile?: string | undefined
  /** Hears when sshd answers and when each stage of cloud-init ends. */
  readonly onStep?: Progress['onStep'] | undefined
  /** Hears what programs print while cloud-init runs. */
  readonly onOutput?: Progress['onOutput'] | undefined
}

/** Packages that are upgraded and installed at the first boot took 15 minutes in the field. */
const CLOUD_INIT_TIME_MS = 3_600_000

/**
 * Waits until a server lets us in with the pinned host key and cloud-init has finished; gives cloud-init's complaints.
 * Throws `server.unreachable`, `server.cloud-init`, `server.runcmd`.
 */
export async function awaitServer(server: Server, options: AwaitOptions): Promise<string[]> {
  const since = options.since ?? Date.now()
  let connection = await connect(server, options)
  options.onStep?.(`${server.name}: sshd lets us in after ${((Date.now() - since) / 1000).toFixed(1)} s`)
  const follower = followerOf(server, options)
  const end = Date.now() + CLOUD_INIT_TIME_MS
  for (;;) {
    try {
      await follow(server, connection, { follower, end, signal: options.signal })
      return await outcome(server, connection, options)
    } catch (error) {
      // sshd may start again while packages are upgraded
      if (!(error instanceof ConnectionError) || error.kind !== 'lost' || Date.now() > end) throw error
    } finally {
      await connection.close()
    }
    connection = await connect(server, options)
  }
}

async function connect(server: Server, options: AwaitOptions): Promise<Connection> {
  const end = Date.now() + options.timeoutMs
  for (;;) {
    try {
      return await options.open(target(server, options), options.signal)
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

function target(server: Server, { knownHostsFile, connectTimeoutMs = 5000 }: AwaitOptions) {
  return {
    host: server.name,
    type: 'ssh' as const,
    address: server.address,
    port: server.port,
    user: server.user,
    privateKeyFile: server.privateKeyFile,
    knownHostsFiles: [knownHostsFile],
    hostKeyChecking: true,
    connectTimeoutMs,
  }
}

async function outcome(server: Server, connection: Connection, options: AwaitOptions): Promise<string[]> {
  const script = sh`
command -v cloud-init >/dev/null || exit 0
cloud-init status --wait >/dev/null 2>&1
status=$?
as_root=
[ "$(id -u)" -eq 0 ] || ! sudo -n true 2>/dev/null || as_root='sudo -n'
$as_root tail -c 200000 /var/log/cloud-init-output.log 2>/dev/null
case $status in
  0) ;;
  *) cloud-init status --format json >&2 2>/dev/null || cloud-init status --long >&2 ;;
esac
exit $status`
  const [result] = await connection.run([{ script, timeoutMs: options.timeoutMs }], options.signal)
  const { status = -1, stdout: log = '', stderr: said = '' } = result ?? {}
  const boot = { server: server.name, userDataFile: options.userDataFile, log: lastBoot(log), said }
  // 2: done, with complaints (cloud-init 23.4 and later)
  if (status === 0 || status === 2) return [...complaints(said), ...commandWarnings(boot)]
  throwAll(bootErrors(boot))
  return []
}

const SHORT: Readonly<Record<Stage, string>> = {
  'init-local': 'init-local',
  init: 'init',
  'modules-config': 'config',
  'modules-final': 'final',
}

function followerOf({ name }: Server, { onStep, onOutput }: AwaitOptions): BootFollower {
  return new BootFollower({
    onStage: (stage, seconds) => onStep?.(`${name}: cloud-init ${SHORT[stage]} took ${seconds.toFixed(1)} s`),
    onOutput: lines => {
      for (const line of lines) onOutput?.(`${name}: ${line}`)
    },
  })
}

async function follow(
  { name }: Server,
  connection: Connection,
  { follower, end, signal }: { follower: BootFollower; end: number; signal: AbortSignal | undefined },
): Promise<void> {
  follower.restart()
  const timeoutMs = Math.max(1000, end - Date.now())
  const request = { script: watchBoot(follower), timeoutMs, onOutput: (chunk: string) => follower.feed(chunk) }
  const [result] = await connection.run([request], signal)
  if (!result?.timedOut) return
  const message = `cloud-init of ${name} is not done after ${CLOUD_INIT_TIME_MS / 60_000} minutes`
  throw new MlopsError('server.cloud-init', message, { hint: `read /var/log/cloud-init-output.log on ${name}` })
}
