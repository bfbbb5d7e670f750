import { awaitArrival } from '../kubernetes/arrival.ts'
import type { Manifest } from '../kubernetes/manifest.ts'
import { render } from '../kubernetes/render.ts'
import type { Project } from '../project/project.ts'
import { interruptSignal } from './interrupt.ts'
import { applyToCluster } from './k8s-apply.ts'
import { clusterOf, refused, waitForRollout } from './k8s-cluster.ts'
import type { CommitFlags } from './k8s-commit.ts'
import { publishManifests } from './k8s-publish.ts'
import { withTag } from './k8s-tag.ts'

export interface DeployFlags extends CommitFlags {
  /** The tag of the image. */
  readonly version?: string
  readonly image?: string
  /** Seconds; true: five minutes. */
  readonly wait?: number | true
}

/** `mlops deploy` where a cluster runs the application: a commit, or an apply where nothing is published; gives the exit status. */
export async function deployOnCluster(project: Project, flags: DeployFlags): Promise<0 | 2 | 99> {
  const { version, wait, ...rest } = flags
  const wanted = { ...rest, project: project.file, ...(version === undefined ? {} : { tag: version }) }
  const timeout = typeof wait === 'number' ? wait : 300
  if (project.kubernetes.publish === undefined)
    return await applyToCluster({ ...withTag(wanted), timeout, prune: true, wait: true })
  // a cluster that is not there is known before anything is committed
  if (wait !== undefined) clusterOf(project, {})
  const { exitStatus, blueprint } = await publishManifests({ ...wanted, command: 'deploy' })
  if (exitStatus !== 0 || wait === undefined || flags.dryRun) return exitStatus
  return await waitForCommit(project, render(blueprint), { timeout, quiet: flags.json === true })
}

/** Waits until the cluster has what was committed, and until that runs; gives the exit status. */
export async function waitForCommit(
  project: Project,
  manifests: readonly Manifest[],
  { timeout, quiet }: { readonly timeout: number; readonly quiet: boolean },
): Promise<0 | 2 | 99> {
  const cluster = clusterOf(project, {})
  const interrupt = interruptSignal(() => process.stderr.write('\ninterrupted: the commit stays\n'))
  const { signal } = interrupt
  const end = Date.now() + timeout * 1000
  const onProgress = (missing: readonly string[]) =>
    quiet ||
    missing.length === 0 ||
    process.stderr.write(`waiting: the cluster has yet to take ${missing.join(', ')}\n`)
  const missing = await awaitArrival(cluster, manifests, { timeoutMs: timeout * 1000, signal, onProgress })
    .catch(error => {
      throw refused(error, 'looking')
    })
    .finally(interrupt.done)
  if (signal.aborted) return 99
  if (missing.length === 0) {
    const left = Math.max(1, Math.ceil((end - Date.now()) / 1000))
    return await waitForRollout(cluster, project.name, { timeout: left, quiet })
  }
  process.stderr.write(
    `the cluster did not take ${missing.join(', ')} in ${timeout} s: the commit stays\nhint: does anything watch the repository? mlops argocd app get shows what Argo CD says\n`,
  )
  return 2
}
