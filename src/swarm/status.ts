import { serverLabel } from './blueprint.ts'
import { partOf, type Service, type SwarmLook, type SwarmNode } from './look.ts'
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

/** The nodes, servers of the project in the order of their names. */
export function nodeStatus({ nodes }: SwarmLook): NodeStatus[] {
  return nodes
    .map(node => ({
      server: serverOf(node),
      role: node.Spec.Role,
      isLeader: node.ManagerStatus?.Leader === true,
      state: node.Status.State,
      availability: node.Spec.Availability,
    }))
    .sort((a, b) => (a.server < b.server ? -1 : 1))
}

/** The services of a stack. */
export function serviceStatus(look: SwarmLook, project: string): SwarmService[] {
  return progressOf(look, project).map(({ name, wanted, ready, outcome, problem }) => {
    const service = look.services.find(each => partOf(each, project) === name)
    const servers = service === undefined ? {} : copiesByServer(service, look)
    return {
      ...{ name, wanted, running: ready, servers, problem },
      health: outcome === 'done' ? 'Healthy' : outcome === 'stuck' || ready === 0 ? 'Degraded' : 'Progressing',
      image: service?.Spec.TaskTemplate.ContainerSpec.Image.replace(/@sha256:(.{12}).*$/, '@$1') ?? '',
    }
  })
}

/** How many copies of a service run on each server that runs any. */
export function copiesByServer(service: Service, look: SwarmLook): Record<string, number> {
  const found: Record<string, number> = {}
  for (const node of [...look.nodes].sort(byServer)) {
    const tasks = living(service, look).filter(
      ({ NodeID, DesiredState, Status }) =>
        NodeID === node.ID && DesiredState === 'running' && Status.State === 'running',
    )
    if (tasks.length > 0 && node.Status.State === 'ready') found[serverOf(node)] = tasks.length
  }
  return found
}

function byServer(a: SwarmNode, b: SwarmNode): number {
  const [one = '', other = ''] = [a, b].map(node => node.Spec.Labels?.[serverLabel])
  return one < other ? -1 : 1
}
