import type { Line } from '../engine/line.ts'
import type { Project } from '../project/project.ts'
import { type Difference, deploy, digestsOf, scale } from '../swarm/deploy.ts'
import { lookAtSwarm, nodesIn } from '../swarm/look.ts'
import { type OnMember, remove, serverOf, strangers } from '../swarm/members.ts'
import { isSameStack, keepRelease, releasesOf } from '../swarm/releases.ts'
import { living } from '../swarm/settle.ts'
import { spreadAnew, spreadDone, uneven } from '../swarm/spread.ts'
import { type StackFile, withReplicas } from '../swarm/stack.ts'
import { eventually, waitForServices } from './swarm-reach.ts'

interface Waiting {
  /** Seconds. */
  readonly timeout: number | undefined
  readonly quiet: boolean
  /** Of Ctrl-C: waiting ends, and what takes long does not begin. */
  readonly signal: AbortSignal
}

type Status = 0 | 2 | 99

/** Deploys what differs and waits for it. What was taken back in one service goes back in all. */
export async function bring(
  { name }: Project,
  manager: Line,
  stack: StackFile,
  { services, gone, numbers }: Difference,
  waiting: Waiting,
): Promise<Status> {
  if (services.length > 0 || gone.length > 0) await deploy(manager, name, stack)
  else await scale(manager, name, numbers)
  const { status, progress } = await waitForServices(manager, name, { ...waiting, digests: digestsOf(stack) })
  const [last] = await releasesOf(manager, name)
  if (status === 0 && (last === undefined || !isSameStack(last.stack, stack))) await keepRelease(manager, name, stack)
  if (last !== undefined && progress.some(({ outcome }) => outcome === 'taken back')) {
    process.stderr.write('The version before goes on, in all services.\n')
    const before = withReplicas(last.stack, numbersOf(stack))
    await deploy(manager, name, before)
    await waitForServices(manager, name, { ...waiting, digests: digestsOf(before) })
  }
  return status
}

/** Servers that the project has no more: their work goes to the others, and they go. */
export async function takeOut(
  project: Project,
  manager: Line,
  { onMember, ...waiting }: Waiting & { readonly onMember: OnMember },
): Promise<Status> {
  const gone = strangers(await nodesIn(manager), project)
  for (const node of gone) {
    waiting.signal.throwIfAborted()
    const isIdle = async () => {
      const look = await lookAtSwarm(manager, project.name)
      return !look.services.some(service => living(service, look).some(({ NodeID }) => NodeID === node.ID))
    }
    const idle = await remove(manager, node, () => eventually(isIdle, 90, waiting.signal))
    onMember(serverOf(node), `is taken out${idle ? '' : '; some of its work was cut off'}`)
  }
  return gone.length === 0 ? 0 : (await waitForServices(manager, project.name, waiting)).status
}

/** A swarm leaves copies where they are: those of uneven services are replaced, so that servers that came get their share. */
export async function spread(
  { name }: Project,
  manager: Line,
  { isNew, ...waiting }: Waiting & { readonly isNew: boolean },
): Promise<{ readonly status: Status; readonly services: readonly string[] }> {
  // a rollout of web, where the new one comes first, may end uneven: that alone is no reason to replace them once more
  const services = uneven(await lookAtSwarm(manager, name), name).filter(({ service }) => isNew || service === 'worker')
  const names = services.map(({ service }) => service)
  if (services.length === 0) return { status: 0, services: names }
  waiting.signal.throwIfAborted()
  if (!waiting.quiet) process.stderr.write(`spread anew over the servers: ${names.join(', ')}\n`)
  for (const service of services) await spreadAnew(manager, name, service)
  const { status } = await waitForServices(manager, name, waiting)
  await spreadDone(manager, name, services)
  return { status, services: names }
}

function numbersOf({ services }: StackFile): Record<string, number> {
  const numbers: Record<string, number> = {}
  for (const [part, { deploy }] of Object.entries(services)) {
    if (deploy.replicas !== undefined) numbers[part] = deploy.replicas
  }
  return numbers
}
