import { setTimeout as sleep } from 'node:timers/promises'
import { type ClusterStatus, lookAtCluster } from '../kubernetes/status.ts'
import { requireProject } from '../project/load.ts'
import { table } from '../report/table.ts'
import { oneLine } from '../report/text.ts'
import { clusterOf, refused } from './k8s-cluster.ts'
import type { StatusFlags } from './k8s-flags.ts'

/** Shows what runs on the cluster, with `watch` again and again; gives the exit status. */
export async function showClusterStatus(flags: StatusFlags): Promise<0 | 2> {
  const project = requireProject(process.cwd(), flags.project)
  const cluster = clusterOf(project, flags)
  for (;;) {
    const status = await lookAtCluster(cluster, project.name).catch(error => {
      throw refused(error, 'looking')
    })
    if (flags.watch !== undefined && process.stdout.isTTY && !flags.json) process.stdout.write('\x1b[H\x1b[2J')
    process.stdout.write(flags.json ? `${JSON.stringify(status, null, 2)}\n` : clusterText(status))
    if (flags.watch === undefined) return status.healthy ? 0 : 2
    await sleep((flags.watch === true ? 2 : flags.watch) * 1000)
  }
}

/** The status for people. */
export function clusterText({ project, namespace, server, workloads, pods, services }: ClusterStatus): string {
  if (workloads.length === 0)
    return `Nothing of ${project} is in namespace ${namespace} at ${server}: mlops k8s apply\n`
  const parts = [
    `${project} in namespace ${namespace} at ${server}\n`,
    table(
      ['WORKLOAD', 'READY', 'SCALES', 'HEALTH', 'RUNS'],
      workloads.map(({ name, ready, wanted, scaling, outcome, image }) => [
        name,
        `${ready}/${wanted}`,
        scaling ?? '-',
        outcome === 'done' ? 'Healthy' : outcome === 'stuck' ? 'STUCK' : 'Progressing',
        oneLine(image),
      ]),
    ),
    table(
      ['POD', 'READY', 'STATUS', 'RESTARTS', 'NODE'],
      pods.map(pod => [pod.name, pod.ready, pod.status, String(pod.restarts), pod.node]),
    ),
    table(
      ['SERVICE', 'ADDRESS', 'PORTS'],
      services.map(service => [service.name, service.address, service.ports || '-']),
    ),
  ]
  return parts.join('\n')
}
