import { MlopsError, throwAll } from '../errors.ts'
import type { Cluster, Live } from './cluster.ts'
import { kinds } from './kinds.ts'
import { type Manifest, ownSelector } from './manifest.ts'

/** Everything that we made of a project in the namespace. */
export async function ownObjects(cluster: Cluster, project: string): Promise<readonly Live[]> {
  const found: Live[] = []
  for (const { kind, apiVersions } of kinds) {
    const apiVersion = await versionOf(cluster, apiVersions, kind)
    if (apiVersion !== undefined)
      found.push(...(await cluster.list(apiVersion, kind, { labels: ownSelector(project) })))
  }
  return found
}

/** The manifests in the versions that the cluster has. Throws all kinds that it does not have at all (`k8s.kind`). */
export async function fitted(cluster: Cluster, manifests: readonly Manifest[]): Promise<readonly Manifest[]> {
  const errors = new Map<string, MlopsError>()
  const made: Manifest[] = []
  for (const manifest of manifests) {
    const { kind } = manifest
    const apiVersions = kinds.find(each => each.kind === kind)?.apiVersions ?? [manifest.apiVersion]
    const apiVersion = await versionOf(cluster, apiVersions, kind)
    if (apiVersion !== undefined) made.push({ ...manifest, apiVersion })
    else
      errors.set(
        kind,
        new MlopsError('k8s.kind', `the cluster has no ${apiVersions[0]} ${kind}`, { hint: hints[kind] }),
      )
  }
  throwAll([...errors.values()])
  return made
}

const hints: Readonly<Record<string, string>> = {
  ScaledObject: 'install KEDA, or leave out `autoscale: queue`',
  TriggerAuthentication: 'install KEDA, or leave out `autoscale: queue`',
  RabbitmqCluster: "install RabbitMQ's cluster operator, or leave out `broker: { by: operator }`",
}

async function versionOf(cluster: Cluster, apiVersions: readonly string[], kind: string): Promise<string | undefined> {
  for (const apiVersion of apiVersions) if (await cluster.knows(apiVersion, kind)) return apiVersion
  return undefined
}
