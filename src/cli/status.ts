import type { Command } from 'commander'
import type { Host } from '../inventory/inventory.ts'
import type { ServerStatus, ServiceStatus, Status } from '../services/status.ts'
import { appText } from './app-text.ts'
import { addVaultFlags, collect, positive } from './reach-flags.ts'
import { costRows, type ServerCost, serverCosts } from './server-costs.ts'
import type { ReachFlags } from './session.ts'

interface Flags extends ReachFlags {
  readonly json?: boolean
  readonly watch?: number | true
}

/** `mlops status`: what is there and how it does; one exchange with each server. */
export function register(program: Command): void {
  addVaultFlags(program.command('status'))
    .summary('Show servers, containers, queue, model and health')
    .description(
      'Shows the servers, the application on them, the job queue, the model in use and the last play.\nExit status: 0 all healthy, 2 something is not, 4 a server is unreachable.',
    )
    .option('--project <file>', 'the mlops.yml (default: found upwards from here)')
    .option('-i, --inventory <source>', 'another inventory than the one that provision wrote', collect)
    .option('--json', 'as JSON')
    .option('-w, --watch [seconds]', 'again every few seconds (default: 2) until Ctrl-C', positive)
    .action(async (flags: Flags) => {
      const { clusterProject } = await import('./k8s-target.ts')
      if (clusterProject(flags.project) !== undefined) {
        const { showClusterStatus } = await import('./k8s-status.ts')
        process.exitCode = await showClusterStatus(flags)
        return
      }
      const { swarmProject } = await import('./swarm-target.ts')
      if (swarmProject(flags.project) !== undefined) {
        const { showSwarmStatus } = await import('./swarm-status.ts')
        process.exitCode = await showSwarmStatus(flags)
        return
      }
      const { watch } = flags
      if (watch === undefined) {
        const status = await look(flags)
        process.stdout.write(flags.json ? `${JSON.stringify(status, null, 2)}\n` : await text(status))
        process.exitCode = exitStatus(status)
        return
      }
      const { setTimeout: sleep } = await import('node:timers/promises')
      for (;;) {
        const status = await look(flags)
        const shown = flags.json ? `${JSON.stringify(status)}\n` : await text(status)
        if (process.stdout.isTTY && !flags.json)
          process.stdout.write(`\x1b[H\x1b[2J${new Date().toLocaleTimeString()}\n\n${shown}`)
        else process.stdout.write(shown)
        await sleep((watch === true ? 2 : watch) * 1000)
      }
    })
}

interface FullStatus extends Status {
  /** What servers cost so far for which somebody charges. */
  readonly costs: readonly ServerCost[]
  readonly lastPlay:
    | { readonly at: string; readonly playbook?: unknown; readonly exitStatus: number; readonly seconds: number }
    | undefined
}

async function look(flags: Flags): Promise<FullStatus> {
  const [{ projectSession, runOptions }, { openLine }, services, { connectionOpener }, state, { copiesOn }] =
    await Promise.all([
      import('./session.ts'),
      import('../engine/line.ts'),
      import('../services/status.ts'),
      import('./open-connection.ts'),
      import('../project/state.ts'),
      import('../project/services.ts'),
    ])
  const { session, project } = projectSession(flags)
  const options = runOptions(flags, session)
  const open = connectionOpener(message => process.stderr.write(`[WARNING]: ${message}\n`))
  const made = createdAt(state.readState(project, 'servers.json'))
  const looks = await Promise.all(
    project.servers.map(server =>
      services.lookAtServer(server, project, () =>
        openLine(server.name, { inventory: session.inventory, options, open }),
      ),
    ),
  )
  const servers = looks.map(({ status }) => ({
    ...status,
    // one that does not answer still has the address that provision wrote
    address: status.address ?? addressOf(session.inventory.hosts.get(status.name)),
    ageSeconds: age(made.get(status.name)),
  }))
  const replicas: Readonly<Record<string, number>> = state.readReplicas(project)
  const rows = project.services.flatMap(service =>
    [...copiesOn(service, replicas[service.name] ?? service.replicas)].flatMap(([server, wanted]) => {
      const at = looks.find(each => each.status.name === server)
      return at ? [services.serviceStatus(service, wanted, at)] : []
    }),
  )
  const app = await Promise.all(
    project.services.flatMap(({ port, health, servers: names }) =>
      names.flatMap(name => {
        const address = servers.find(server => server.name === name)?.address
        const said = looks.find(each => each.status.name === name)?.said
        return port === undefined || health === undefined || address === undefined
          ? []
          : [services.lookAtApp(`http://${address}:${port}`, said)]
      }),
    ),
  )
  const last = state.lastRun(project, 'play')
  return {
    project: project.name,
    servers,
    services: rows,
    app,
    costs: serverCosts(state.readState(project, 'servers.json'), Date.now()),
    lastPlay: last && {
      at: new Date(last.at).toISOString(),
      playbook: last['playbook'],
      exitStatus: last.exitStatus,
      seconds: last.ms / 1000,
    },
  }
}

function addressOf(host: Host | undefined): string | undefined {
  const address = host?.layers.findLast(({ vars }) => vars['ansible_host'] !== undefined)?.vars['ansible_host']
  return typeof address === 'string' ? address : undefined
}

function createdAt(state: unknown): Map<string, string> {
  const list: unknown = Array.isArray(state)
    ? state
    : typeof state === 'object' && state !== null && 'servers' in state
      ? state.servers
      : []
  if (!Array.isArray(list)) return new Map()
  return new Map(
    list.filter(server => typeof server?.createdAt === 'string').map(server => [String(server.name), server.createdAt]),
  )
}

function age(made: string | undefined): number | undefined {
  return made === undefined ? undefined : Math.max(0, Math.round((Date.now() - Date.parse(made)) / 1000))
}

function exitStatus({ servers, services, app }: Status): 0 | 2 | 4 {
  if (servers.some(server => !server.reachable)) return 4
  return services.every(service => service.health === 'Healthy') && app.every(each => each.ready) ? 0 : 2
}

async function text(status: FullStatus): Promise<string> {
  const { table } = await import('../report/table.ts')
  const spread = new Set(status.services.map(service => service.server)).size > 1
  const containers = status.services.flatMap(service =>
    service.containers.map(c => [c.name, ...(spread ? [service.server] : []), c.service, c.status]),
  )
  const parts = [
    table(['SERVER', 'ADDRESS', 'STATE', 'AGE', 'UP', 'SYSTEM', 'DOCKER'], status.servers.map(serverRow)),
    table(['SERVICE', 'SERVER', 'REPLICAS', 'HEALTH', 'IMAGE'], status.services.map(serviceRow)),
    ...(containers.length > 0
      ? [table(['CONTAINER', ...(spread ? ['SERVER'] : []), 'SERVICE', 'STATUS'], containers)]
      : []),
    ...(status.costs.length > 0 ? [costText(status.costs, table)] : []),
    ...status.app.map(appText),
    status.lastPlay
      ? `Last play: ${String(status.lastPlay.playbook ?? '')} at ${status.lastPlay.at}, ${status.lastPlay.seconds.toFixed(1)} s, exit status ${status.lastPlay.exitStatus}\n`
      : 'Last play: none yet\n',
  ]
  const problems = status.servers.filter(server => server.problem).map(server => `${server.name}: ${server.problem}\n`)
  return `${parts.join('\n')}${problems.join('')}`
}

function costText(costs: readonly ServerCost[], table: typeof import('../report/table.ts').table): string {
  const { rows, sum } = costRows(costs, Date.now())
  return `${table(['SERVER', 'FLAVOR', { title: 'HOURS', right: true }, 'EXPIRES'], rows)}${sum}`
}

function serverRow(server: ServerStatus): string[] {
  return [
    server.name,
    server.address ?? '-',
    server.reachable ? 'reachable' : 'UNREACHABLE',
    span(server.ageSeconds),
    span(server.uptimeSeconds),
    server.system ?? '-',
    server.docker ?? '-',
  ]
}

function serviceRow(service: ServiceStatus): string[] {
  return [service.name, service.server, `${service.running}/${service.wanted}`, service.health, service.image ?? '-']
}

/** Two units at most: `3d 4h`, `12m 5s`. */
function span(seconds: number | undefined): string {
  if (seconds === undefined) return '-'
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ]
  const first = units.findIndex(([, size]) => seconds >= size)
  if (first === -1) return '0s'
  let left = seconds
  return units
    .slice(first, first + 2)
    .map(([unit, size]) => {
      const count = Math.floor(left / size)
      left -= count * size
      return `${count}${unit}`
    })
    .join(' ')
}
