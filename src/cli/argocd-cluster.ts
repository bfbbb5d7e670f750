import { type Application, argoNamespace } from '../argocd/application.ts'
import type { ApplicationName } from '../argocd/applications.ts'
import {
  applyResource,
  clusterRefusal,
  listInCluster,
  readApplication,
  removeApplication,
  requireArgo,
} from '../argocd/in-cluster.ts'
import { type Cluster, openCluster } from '../kubernetes/cluster.ts'
import type { Manifest } from '../kubernetes/manifest.ts'
import type { ServerFlags } from './argocd-flags.ts'
import { tell } from './argocd-text.ts'
import { clusterProject } from './k8s-target.ts'

/** Applies resources to the cluster of the kubeconfig. */
export function applyAll(
  resources: readonly Manifest[],
  flags: ServerFlags & { readonly upsert?: boolean },
): Promise<void> {
  return inCluster(flags, undefined, 'the resource', async cluster => {
    for (const resource of resources) tell(resource, await applyResource(cluster, resource, flags.upsert === true))
  })
}

export function listAll(flags: ServerFlags, selector: string | undefined): Promise<readonly Application[]> {
  return inCluster(flags, undefined, 'listing applications', cluster => listInCluster(cluster, selector))
}

/** The Application, and the address of the cluster that has it. */
export function readOne(
  flags: ServerFlags,
  { name, appNamespace }: ApplicationName,
): Promise<{ readonly application: Application; readonly url: string }> {
  return inCluster(flags, appNamespace, `application ${name}`, async cluster => ({
    application: await readApplication(cluster, name),
    url: cluster.server,
  }))
}

export function removeOne(
  flags: ServerFlags,
  { name, appNamespace }: ApplicationName,
  cascade: boolean,
): Promise<void> {
  return inCluster(flags, appNamespace, `deleting application ${name}`, cluster =>
    removeApplication(cluster, name, cascade),
  )
}

async function inCluster<T>(
  { kubeContext, appNamespace }: ServerFlags,
  namespace: string | undefined,
  what: string,
  work: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const context = kubeContext ?? clusterProject(undefined)?.kubernetes.context
  const cluster = openCluster({ context, namespace: namespace ?? appNamespace ?? argoNamespace })
  try {
    await requireArgo(cluster)
    return await work(cluster)
  } catch (error) {
    throw clusterRefusal(error, what)
  }
}
