import type { Cluster } from './cluster.ts'
import { ownSelector } from './manifest.ts'

/** Host and port of the application: from outside where a load balancer has an address, else what nodes and pods reach; undefined: there is no Service. */
export async function addressInCluster(cluster: Cluster, project: string): Promise<string | undefined> {
  const services = await cluster.list('v1', 'Service', { labels: ownSelector(project) })
  for (const { metadata, spec, status } of services) {
    const { clusterIP, ports } = Object(spec)
    const port = Array.isArray(ports) ? ports[0]?.port : undefined
    const isApplication = ['web', 'production', undefined].includes(metadata.labels?.['app.kubernetes.io/component'])
    if (!isApplication || port === undefined || clusterIP === undefined || clusterIP === 'None') continue
    const outside = Object(status).loadBalancer?.ingress?.[0]
    const host = String(outside?.ip ?? outside?.hostname ?? clusterIP)
    return `${host.includes(':') ? `[${host}]` : host}:${port}`
  }
  return undefined
}
