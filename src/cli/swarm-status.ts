import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectionError } from '../connection/connection.ts'
import { openLine } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import { lastRun } from '../project/state.ts'
import { table } from '../report/table.ts'
import { oneLine } from '../report/text.ts'
import { type AppStatus, lookAtApp, lookAtServer, type ServerLook } from '../services/status.ts'
import { lookAtSwarm } from '../swarm/look.ts'
import { type NodeStatus, nodeStatus, type SwarmService, serviceStatus } from '../swarm/status.ts'
import { appText } from './app-text.ts'
import { connectionOpener } from './open-connection.ts'
import { projectSession, type ReachFlags, runOptions } from './session.ts'
import { onManager } from './swarm-reach.ts'

interface SwarmStatus {
  readonly project: string
  readonly servers: readonly (ServerLook['status'] & { readonly node: NodeStatus | undefined })[]
  readonly services: readonly SwarmService[]
  readonly app: readonly AppStatus[]
  /** Why the swarm could not be asked. */
  readonly problem: string | undefined
  readonly lastApply: { readonly at: string; readonly exitStatus: number; readonly seconds: number } | undefined
}

/** Shows what runs in the swarm, with `watch` again and again; gives the exit status. */
export async function showSwarmStatus(
  flags: ReachFlags & { readonly json?: boolean; readonly watch?: number | true },
): Promise<0 | 2 | 4> {
  for (;;) {
    const status = await look(flags)
    if (flags.watch !== undefined && process.stdout.isTTY && !flags.json) process.stdout.write('\x1b[H\x1b[2J')
    process.stdout.write(flags.json ? `${JSON.stringify(status, null, 2)}\n` : text(status))
    if (flags.watch === undefined) return exitStatus(status)
    await sleep((flags.watch === true ? 2 : flags.watch) * 1000)
  }
}

async function look(flags: ReachFlags): Promise<SwarmStatus> {
  const { session, project } = projectSession(flags)
  const options = runOptions(flags, session)
  const open = connectionOpener(message => process.stderr.write(`[WARNING]: ${message}\n`))
  const [looks, swarm] = await Promise.all([
    Promise.all(
      project.servers.map(server =>
        lookAtServer(server, project, () => openLine(server.name, { inventory: session.inventory, options, open })),
      ),
    ),
    onManager(flags, manager => lookAtSwarm(manager, project.name)).catch(problemOf),
  ])
  const nodes = typeof swarm === 'string' ? [] : nodeStatus(swarm)
  const proxy = project.services.find(({ port, health }) => port !== undefined && health !== undefined)
  const app = await Promise.all(
    looks
      .filter(({ status }) => proxy?.servers.includes(status.name) && status.address !== undefined)
      .map(({ status, said }) => lookAtApp(`http://${status.address}:${proxy?.port}`, said)),
  )
  const last = lastRun(project, 'swarm apply')
  return {
    project: project.name,
    servers: looks.map(({ status }) => ({ ...status, node: nodes.find(({ server }) => server === status.name) })),
    services: typeof swarm === 'string' ? [] : serviceStatus(swarm, project),
    app,
    problem: typeof swarm === 'string' ? swarm : undefined,
    lastApply: last && { at: new Date(last.at).toISOString(), exitStatus: last.exitStatus, seconds: last.ms / 1000 },
  }
}

function problemOf(error: unknown): string {
  if (error instanceof MlopsError || error instanceof ConnectionError) return error.message
  throw error
}

function exitStatus({ servers, services, app }: SwarmStatus): 0 | 2 | 4 {
  if (servers.some(({ reachable }) => !reachable)) return 4
  const well = services.length > 0 && services.every(({ health }) => health === 'Healthy')
  return well && app.every(({ ready }) => ready) ? 0 : 2
}

function text({ project, servers, services, app, problem, lastApply }: SwarmStatus): string {
  const parts = [
    table(
      ['SERVER', 'ADDRESS', 'STATE', 'ROLE', 'NODE', 'SYSTEM', 'DOCKER'],
      servers.map(({ name, address, reachable, node, system, docker }) => [
        ...[name, address ?? '-', reachable ? 'reachable' : 'UNREACHABLE'],
        node === undefined ? '-' : node.isLeader ? `${node.role} (leads)` : node.role,
        node === undefined ? '-' : node.availability === 'active' ? node.state : `${node.state}, ${node.availability}`,
        ...[system ?? '-', docker ?? '-'],
      ]),
    ),
    services.length === 0
      ? `Nothing of ${project} runs in a swarm${problem === undefined ? '' : ` (${oneLine(problem)})`}: mlops swarm apply\n`
      : table(
          ['SERVICE', 'REPLICAS', 'HEALTH', 'SERVERS', 'IMAGE'],
          services.map(({ name, running, wanted, health, servers, image }) => [
            ...[name, `${running}/${wanted}`, health],
            Object.entries(servers)
              .map(([server, copies]) => `${server} ${copies}`)
              .join(', ') || '-',
            image,
          ]),
        ),
    ...app.map(appText),
    lastApply
      ? `Last apply: at ${lastApply.at}, ${lastApply.seconds.toFixed(1)} s, exit status ${lastApply.exitStatus}\n`
      : 'Last apply: none yet\n',
  ]
  const problems = [
    ...servers.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${problem}\n`])),
    ...services.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${oneLine(problem)}\n`])),
  ]
  return `${parts.join('\n')}${problems.join('')}`
}
