import type { Project } from '../project/project.ts'
import { partOf, type Service, type SwarmLook } from './look.ts'
import { serverOf } from './members.ts'
import { living, progressOf } from './settle.ts'

/** A server as the swarm sees it. */
export interface NodeStatus {
  readonly server: string
  readonly role: 'manager' | 'worker'
  readonly isLeader: boolean
  /** Docker's words: `ready`, `down`, … */
  readonly state: string
  /** Docker's words: `active`, `pause`, `drain`. */
  readonly availability: string
}

/** A service of the stack, and where its copies are. */
export interface SwarmService {
  readonly name: string
  readonly wanted: number
  readonly running: number
  /** Argo CD's words, as users of Kubernetes know them. */
  readonly health: 'Healthy' | 'Progressing' | 'Degraded'
  readonly image: string
  /** Server → how many copies run there; every server that may run it. */
  readonly servers: Readonly<Record<string, number>>
  readonly problem: string | undefined
}

/** What the swarm says of its nodes. */
export function nodeStatus({ nodes }: SwarmLook): NodeStatus[] {
  return nodes.map(node => ({
    server: serverOf(node),
    role: node.Spec.Role,
    isLeader: node.ManagerStatus?.Leader === true,
    state: node.Status.State,
    availability: node.Spec.Availability,
  }))
}

/** The services of a stack. */
export function serviceStatus(look: SwarmLook, { name: project, servers }: Project): SwarmService[] {
  const order = servers.map(({ name }) => name)
  return progressOf(look, project).map(({ name, wanted, ready, outcome, problem }) => {
    const service = look.services.find(each => partOf(each, project) === name)
    const copies = service === undefined ? {} : copiesByServer(service, look, order)
    return {
      ...{ name, wanted, running: ready, servers: copies, problem },
      health: outcome === 'done' ? 'Healthy' : outcome === 'stuck' || ready === 0 ? 'Degraded' : 'Progressing',
      image: service?.Spec.TaskTemplate.ContainerSpec.Image.replace(/@sha256:(.{12}).*$/, '@$1') ?? '',
    }
  })
}

/** How many copies of a service run on each server that runs any, in the order of the servers. */
export function copiesByServer(
  service: Service,
  look: SwarmLook,
  order: readonly string[],
): Readonly<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const { NodeID, DesiredState, Status } of living(service, look)) {
    const node = look.nodes.find(({ ID }) => ID === NodeID)
    if (node?.Status.State !== 'ready' || DesiredState !== 'running' || Status.State !== 'running') continue
    found[serverOf(node)] = (found[serverOf(node)] ?? 0) + 1
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)))
}
