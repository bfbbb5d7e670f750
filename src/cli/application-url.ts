import { MlopsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { projectSession, type ReachFlags } from './session.ts'

/** Where the project's application answers, without a path. Throws `application.url`. */
export async function applicationUrl(flags: ReachFlags): Promise<string> {
  const { clusterProject } = await import('./k8s-target.ts')
  const onCluster = clusterProject(flags.project)
  return onCluster === undefined ? urlOnServers(flags) : await urlOnCluster(onCluster)
}

function urlOnServers(flags: ReachFlags): string {
  const { session, project } = projectSession(flags)
  const web = project.services.find(service => service.port !== undefined && service.health !== undefined)
  const host = web && session.inventory.hosts.get(web.server)
  const address = host?.layers.findLast(({ vars }) => vars['ansible_host'] !== undefined)?.vars['ansible_host']
  if (web !== undefined && typeof address === 'string') return `http://${address}:${web.port}`
  throw new MlopsError(
    'application.url',
    'which address is asked? The project names no service with a port and a health check',
    { hint: '--url http://host:5100' },
  )
}

async function urlOnCluster(project: Project): Promise<string> {
  const [{ clusterOf, refused }, { addressInCluster }] = await Promise.all([
    import('./k8s-cluster.ts'),
    import('../kubernetes/address.ts'),
  ])
  const cluster = clusterOf(project, {})
  const found = await addressInCluster(cluster, project.name).catch(error => {
    throw refused(error, 'looking for the address')
  })
  if (found !== undefined) return `http://${found}`
  throw new MlopsError(
    'application.url',
    `which address is asked? There is no Service of ${project.name} in namespace ${cluster.namespace}`,
    { hint: 'mlops k8s apply makes it; --url http://127.0.0.1:5008 asks where a port is forwarded from' },
  )
}
