import { MlopsError } from '../errors.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { openCluster } from '../kubernetes/cluster.ts'
import { Refusal, wayOut } from '../kubernetes/refusal.ts'
import { awaitRollout, type Progress } from '../kubernetes/rollout.ts'
import { explainStuck } from '../kubernetes/trouble.ts'
import type { Project } from '../project/project.ts'
import { clean, oneLine } from '../report/text.ts'
import { revealed } from '../vault/revealed.ts'
import { interruptSignal } from './interrupt.ts'
import type { ClusterFlags } from './k8s-flags.ts'

/** The cluster that flags, `mlops.yml` and kubeconfig name. */
export function clusterOf({ kubernetes }: Project, flags: ClusterFlags): Cluster {
  return openCluster({
    context: flags.context ?? kubernetes.context,
    namespace: flags.namespace ?? kubernetes.namespace,
  })
}

/** Waits until everything runs, and says how far it is. Gives the exit status: 2 with the reasons when something does not come up. */
export async function waitForRollout(
  cluster: Cluster,
  project: string,
  { timeout = 300, quiet = false }: { readonly timeout?: number | undefined; readonly quiet?: boolean },
): Promise<0 | 2 | 99> {
  const interrupt = interruptSignal(() =>
    process.stderr.write('\ninterrupted: what was applied goes on in the cluster\n'),
  )
  let shown = ''
  const onProgress = (progress: readonly Progress[]) => {
    const text = progress
      .map(({ name, ready, updated, wanted }) => `${name} ${Math.min(ready, updated)}/${wanted}`)
      .join('  ')
    if (text === shown || quiet) return
    shown = text
    process.stderr.write(`waiting: ${text}\n`)
  }
  try {
    const { signal } = interrupt
    const stuck = await awaitRollout(cluster, project, { timeoutMs: timeout * 1000, signal, onProgress })
    if (signal.aborted) return 99
    for (const each of stuck) say(`${(await explainStuck(cluster, each)).join('\n')}\n`)
    if (stuck.length > 0) say('mlops k8s rollback takes the change back.\n')
    return stuck.length > 0 ? 2 : 0
  } finally {
    interrupt.done()
  }
}

/** What the cluster refused, as an error for people. */
export function refused(error: unknown, what: string): unknown {
  if (!(error instanceof Refusal)) return error
  return new MlopsError('k8s.refused', `${what} was refused: ${oneLine(error.message)}`, { hint: wayOut(error) })
}

/** Shows what comes from the cluster: without control characters, and without what was encrypted. */
export function say(text: string): void {
  process.stderr.write(revealed.hide(clean(text)))
}
