import { ConnectionError } from '../connection/connection.ts'
import type { Line } from '../engine/line.ts'
import type { Project, ServerSpec, ServiceSpec } from '../project/project.ts'
import { lines, script, sh } from '../shell/sh.ts'
import { type Container, listScript, readContainers } from './compose.ts'

export interface ServerStatus {
  readonly name: string
  readonly address: string | undefined
  readonly reachable: boolean
  /** Why not. */
  readonly problem?: string
  /** Since it was made, in seconds; undefined: unknown. */
  readonly ageSeconds: number | undefined
  readonly uptimeSeconds: number | undefined
  readonly system: string | undefined
  readonly docker: string | undefined
}

export interface ServiceStatus {
  readonly name: string
  readonly server: string
  readonly wanted: number
  readonly running: number
  /** Argo CD's words, as users of Kubernetes know them. */
  readonly health: 'Healthy' | 'Progressing' | 'Degraded' | 'Missing' | 'Unknown'
  readonly image: string | undefined
  readonly containers: readonly Container[]
}

/** How the application answers its users at one of its addresses, and what it says of itself. */
export interface AppStatus extends AppSaid {
  readonly url: string
  readonly ready: boolean
  /** Milliseconds until `/readyz` answered; undefined: it did not. */
  readonly latencyMs: number | undefined
  readonly problem?: string
}

/** What the application says of itself at `/status`, which is for operators. */
export interface AppSaid {
  readonly version?: string
  readonly queue?: { readonly messages: number; readonly consumers: number } | null
  /** Jobs that nobody could answer, and that were put aside. */
  readonly dead?: number | null
  readonly model?: ModelStatus | null
  /** Every model that is served, by its name; null: none answers. */
  readonly models?: Readonly<Record<string, ModelStatus | null>>
}

export interface ModelStatus {
  readonly id: string
  readonly accuracy?: number | null
  readonly date?: string
}

export interface Status {
  readonly project: string
  readonly servers: readonly ServerStatus[]
  readonly services: readonly ServiceStatus[]
  readonly app: readonly AppStatus[]
}

const separator = '--mlops--'

/** What one exchange with a server brings. */
export interface ServerLook {
  readonly status: ServerStatus
  readonly containers: readonly Container[]
  /** What the application says of itself to programs on its server; undefined: it said nothing. */
  readonly said: AppSaid | undefined
}

/** One exchange with a server: system, age, Docker's version, the application's containers and its `/status`. */
export async function lookAtServer(
  server: ServerSpec,
  project: Project,
  open: () => Promise<Line>,
): Promise<ServerLook> {
  let line: Line
  try {
    line = await open()
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    return {
      status: { ...unknown, name: server.name, address: server.address, reachable: false, problem: error.message },
      containers: [],
      said: undefined,
    }
  }
  try {
    const look = lines(
      // since the first process was started: a container that is a server has the machine's /proc/uptime
      script(
        String.raw`awk 'NR == FNR { up = $1; next } { sub(/^.*\) /, ""); split($0, field, " "); printf "%d\n", up - field[20] / 100 }' /proc/uptime /proc/1/stat`,
      ),
      script('(. /etc/os-release && echo "$PRETTY_NAME")'),
      sh`echo ${separator}`,
      script("docker version --format '{{.Server.Version}}' 2>/dev/null"),
      sh`echo ${separator}`,
      script(`${listScript(project.app.composeProject).text} 2>/dev/null`),
      sh`echo ${separator}`,
      sh`curl --silent --fail --max-time 3 --unix-socket ${`${project.app.directory}/proxy/web.sock`} http://localhost/status 2>/dev/null || :`,
    )
    const [result] = await line.connection.run([{ script: look, become: line.root, timeoutMs: 30_000 }])
    const [system = '', docker = '', list = '', said = ''] = (result?.stdout ?? '').split(`${separator}\n`)
    const [uptime, name] = system.split('\n')
    return {
      status: {
        ...unknown,
        name: server.name,
        address: line.address,
        reachable: true,
        uptimeSeconds: uptime ? Math.round(Number(uptime)) : undefined,
        system: name || undefined,
        docker: docker.trim() || undefined,
      },
      containers: readContainers({ status: 0, stdout: list, stderr: '' }),
      said: readSaid(said),
    }
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    return {
      status: { ...unknown, name: server.name, address: line.address, reachable: false, problem: error.message },
      containers: [],
      said: undefined,
    }
  } finally {
    await line.close()
  }
}

const unknown = { ageSeconds: undefined, uptimeSeconds: undefined, system: undefined, docker: undefined }

/** A service on one of its servers, from the containers there; `wanted` is the number in force there. */
export function serviceStatus(
  service: ServiceSpec,
  wanted: number,
  { status, containers: all }: ServerLook,
): ServiceStatus {
  const containers = all.filter(container => container.service === service.name)
  const running = containers.filter(container => container.state === 'running')
  return {
    name: service.name,
    server: status.name,
    wanted,
    running: running.length,
    health: status.reachable ? health(containers, running, wanted) : 'Unknown',
    image: running[0]?.image,
    containers,
  }
}

function health(
  containers: readonly Container[],
  running: readonly Container[],
  wanted: number,
): ServiceStatus['health'] {
  if (containers.length === 0) return wanted === 0 ? 'Healthy' : 'Missing'
  if (running.some(c => c.health === 'unhealthy') || containers.some(c => ['restarting', 'dead'].includes(c.state)))
    return 'Degraded'
  if (running.length !== wanted) return running.length < wanted ? 'Degraded' : 'Progressing'
  return running.some(c => c.health === 'starting') ? 'Progressing' : 'Healthy'
}

function readSaid(text: string): AppSaid | undefined {
  try {
    return JSON.parse(text) as AppSaid // the app's own contract, app/README.md
  } catch {
    return undefined
  }
}

/** Asks the application as its users reach it; `said` is what it told its server. Never rejects. */
export async function lookAtApp(url: string, said: AppSaid | undefined, timeoutMs = 3000): Promise<AppStatus> {
  const start = performance.now()
  try {
    const ready = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(timeoutMs) })
    const latencyMs = Math.round(performance.now() - start)
    const problem = ready.ok ? {} : { problem: `/readyz answers ${ready.status}` }
    return { url, ready: ready.ok, latencyMs, ...problem, ...said }
  } catch (error) {
    return { url, ready: false, latencyMs: undefined, problem: `no answer: ${reason(error)}` }
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
