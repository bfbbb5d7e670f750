import type { Cluster, Live } from './cluster.ts'
import { ownSelector } from './manifest.ts'
import { describeTemplate } from './rollback.ts'
import { containersOf, type Progress, progressOf } from './rollout.ts'

/** What runs of a project on a cluster. */
export interface ClusterStatus {
  readonly project: string
  readonly server: string
  readonly namespace: string
  readonly workloads: readonly (Progress & { readonly image: string; readonly scaling: string | undefined })[]
  readonly pods: readonly PodStatus[]
  readonly services: readonly { readonly name: string; readonly address: string; readonly ports: string }[]
  readonly healthy: boolean
}

export interface PodStatus {
  readonly name: string
  readonly ready: string
  readonly status: string
  readonly restarts: number
  readonly node: string
  readonly since: string | undefined
}

/** Looks at the workloads, pods and Services of the project. */
export async function lookAtCluster(cluster: Cluster, project: string): Promise<ClusterStatus> {
  const list = (apiVersion: string, kind: string) => cluster.list(apiVersion, kind, { labels: ownSelector(project) })
  const [sets, deployments, pods, services] = [
    await list('apps/v1', 'StatefulSet'),
    await list('apps/v1', 'Deployment'),
    await list('v1', 'Pod'),
    await list('v1', 'Service'),
  ]
  const scalers = await scalersOf(cluster, project)
  const workloads = [...sets, ...deployments].map(object => ({
    ...progressOf(object),
    image: describeTemplate(Object(object['spec']).template),
    scaling: scalers.get(object.metadata.name),
  }))
  return {
    project,
    server: cluster.server,
    namespace: cluster.namespace,
    workloads,
    pods: pods.map(podStatus),
    services: services.map(serviceStatus),
    healthy: workloads.length > 0 && workloads.every(({ outcome }) => outcome === 'done'),
  }
}

/** Between how many pods an autoscaler keeps a workload: `2-6`. */
async function scalersOf(cluster: Cluster, project: string): Promise<ReadonlyMap<string, string>> {
  for (const apiVersion of ['autoscaling/v2', 'autoscaling/v2beta2']) {
    if (!(await cluster.knows(apiVersion, 'HorizontalPodAutoscaler'))) continue
    const found = await cluster.list(apiVersion, 'HorizontalPodAutoscaler', { labels: ownSelector(project) })
    return new Map(
      found.map(({ spec }) => {
        const { scaleTargetRef, minReplicas, maxReplicas } = Object(spec)
        return [String(scaleTargetRef?.name), `${minReplicas}-${maxReplicas}`]
      }),
    )
  }
  return new Map()
}

function podStatus(pod: Live): PodStatus {
  const containers = containersOf(pod)
  const waiting = containers.map(each => each.waiting).find(reason => reason !== '')
  const isGoing = 'deletionTimestamp' in pod.metadata
  return {
    name: pod.metadata.name,
    ready: `${containers.filter(({ ready }) => ready).length}/${Object(pod['spec']).containers?.length ?? 0}`,
    status: isGoing ? 'Terminating' : (waiting ?? String(Object(pod['status']).phase ?? 'Unknown')),
    restarts: containers.reduce((sum, { restarts }) => sum + restarts, 0),
    node: String(Object(pod['spec']).nodeName ?? '-'),
    since: pod.metadata.creationTimestamp,
  }
}

function serviceStatus(service: Live): ClusterStatus['services'][number] {
  const { clusterIP, ports, type } = Object(service['spec'])
  const ingress = Object(service['status']).loadBalancer?.ingress?.[0]
  const outside = ingress?.ip ?? ingress?.hostname ?? (type === 'LoadBalancer' ? 'no address outside yet' : undefined)
  return {
    name: service.metadata.name,
    address: [clusterIP === 'None' ? 'headless' : clusterIP, outside].filter(Boolean).join(', '),
    ports: (Array.isArray(ports) ? ports : []).map(({ port }) => String(port)).join(', '),
  }
}
