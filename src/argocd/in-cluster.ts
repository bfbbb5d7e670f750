import { MlopsError } from '../errors.ts'
import { essence } from '../kubernetes/apply.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { Manifest } from '../kubernetes/manifest.ts'
import { Refusal } from '../kubernetes/refusal.ts'
import { type Application, apiVersion, resourcesFinalizer } from './application.ts'

/** Throws `argocd.not-installed` when the cluster does not know what Argo CD's resources are. */
export async function requireArgo(cluster: Cluster): Promise<void> {
  if (await cluster.knows(apiVersion, 'Application')) return
  throw new MlopsError(
    'argocd.not-installed',
    `the cluster at ${cluster.server} has no Argo CD: it knows no Application`,
    {
      hint: 'install Argo CD there first, or name another cluster with --kube-context',
    },
  )
}

/** Brings an Application or AppProject into the cluster itself. Throws `argocd.exists` for one that differs, unless `upsert`. */
export async function applyResource(
  cluster: Cluster,
  manifest: Manifest,
  upsert: boolean,
): Promise<'created' | 'updated' | 'unchanged'> {
  const before = await cluster.read(manifest)
  const force = upsert
  if (before === undefined) {
    await cluster.apply(manifest, { dryRun: false, force })
    return 'created'
  }
  const planned = await cluster.apply(manifest, { dryRun: true, force: true })
  if (JSON.stringify(essence(planned)) === JSON.stringify(essence(before))) return 'unchanged'
  if (!upsert) {
    const what = `${manifest.kind === 'Application' ? 'application' : 'project'} ${manifest.metadata.name}`
    throw new MlopsError('argocd.exists', `${what} is there already, and differs from this`, {
      hint: '--upsert writes over it',
    })
  }
  await cluster.apply(manifest, { dryRun: false, force })
  return 'updated'
}

/** The Application of that name. Throws `argocd.not-found`. */
export async function readApplication(cluster: Cluster, name: string): Promise<Application> {
  const found = await cluster.read({ apiVersion, kind: 'Application', metadata: { name } })
  if (found === undefined) {
    throw new MlopsError('argocd.not-found', `namespace ${cluster.namespace} has no application ${name}`, {
      hint: 'mlops argocd app list --core shows what there is; --app-namespace names another namespace',
    })
  }
  return asApplication(found)
}

export async function listInCluster(cluster: Cluster, labels: string | undefined): Promise<readonly Application[]> {
  const found = await cluster.list(apiVersion, 'Application', labels === undefined ? {} : { labels })
  return found.map(asApplication)
}

/** Deletes it. `cascade`: what it made goes first, which Argo CD does; what others want done before stays. */
export async function removeApplication(cluster: Cluster, name: string, cascade: boolean): Promise<void> {
  const { metadata } = await readApplication(cluster, name)
  const others = (metadata.finalizers ?? []).filter(finalizer => !finalizer.startsWith(resourcesFinalizer))
  const finalizers = cascade ? [...others, resourcesFinalizer] : others
  const reference = { apiVersion, kind: 'Application', metadata: { name } }
  await cluster.merge({ ...reference, metadata: { name, ...{ finalizers } } })
  await cluster.remove(reference)
}

/** Who is not allowed, or what the cluster does not take, in Argo CD's words. */
export function clusterRefusal(error: unknown, what: string): unknown {
  if (!(error instanceof Refusal)) return error
  return new MlopsError('argocd.refused', `the cluster refuses ${what}: ${error.message}`, {
    hint: error.status === 403 ? 'the account of the kubeconfig may not do this in this namespace' : undefined,
  })
}

/** What the cluster keeps under this kind is one. */
function asApplication(object: Manifest): Application {
  return object as unknown as Application
}
