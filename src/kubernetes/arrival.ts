import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster, Live } from './cluster.ts'
import { type Manifest, manager, nameOf } from './manifest.ts'

/** Waits until the workloads of the cluster have the images, models and settings of the manifests; gives the names of those that never did. */
export async function awaitArrival(
  cluster: Cluster,
  manifests: readonly Manifest[],
  {
    timeoutMs,
    signal,
    onProgress,
  }: {
    readonly timeoutMs: number
    readonly signal: AbortSignal
    /** Called with the names of those that are not there yet, whenever that changes. */
    readonly onProgress: (missing: readonly string[]) => void
  },
): Promise<readonly string[]> {
  const workloads = manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
  const end = Date.now() + timeoutMs
  let shown: string | undefined
  for (;;) {
    const live = await Promise.all(workloads.map(workload => cluster.read(workload)))
    const missing = workloads.filter((workload, i) => runs(workload) !== runs(live[i])).map(nameOf)
    if (missing.join() !== shown) onProgress(missing)
    shown = missing.join()
    if (missing.length === 0 || signal.aborted || Date.now() > end) return missing
    await sleep(1000, undefined, { signal }).catch(() => {})
  }
}

/** What says which release pods are of: images, and our annotations. */
function runs(workload: Manifest | Live | undefined): string | undefined {
  const template = Object(Object(workload?.['spec']).template)
  const containers: readonly { readonly image?: unknown }[] = Object(template.spec).containers ?? []
  const annotations = Object.entries(Object(Object(template.metadata).annotations))
    .filter(([key]) => key.startsWith(`${manager}/`))
    .sort()
  return workload && JSON.stringify([containers.map(({ image }) => image), annotations])
}
