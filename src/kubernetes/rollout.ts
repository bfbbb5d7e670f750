import type { Cluster, Followed, Live } from './cluster.ts'
import { ownSelector } from './manifest.ts'

/** How far the pods of a Deployment or StatefulSet are. */
export interface Progress {
  readonly kind: string
  readonly name: string
  readonly ready: number
  readonly updated: number
  readonly wanted: number
  /** Undefined: on its way. */
  readonly outcome: 'done' | 'stuck' | undefined
}

/** A workload that does not come up, and its pod that shows why. */
export interface Stuck {
  readonly workload: Progress
  readonly pod: Live | undefined
}

export interface RolloutOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly onProgress: (progress: readonly Progress[]) => void
}

/** Waits until the workloads run as they were asked to. Gives those that do not: none when all is well. */
export async function awaitRollout(
  cluster: Cluster,
  project: string,
  { timeoutMs, signal, onProgress }: RolloutOptions,
): Promise<readonly Stuck[]> {
  let wake: () => void = () => {}
  const follow = (kind: string, apiVersion: string) =>
    cluster.follow(apiVersion, kind, ownSelector(project), () => wake())
  const followed: Followed[] = []
  const end = Date.now() + timeoutMs
  try {
    const deployments = await follow('Deployment', 'apps/v1')
    followed.push(deployments)
    const sets = await follow('StatefulSet', 'apps/v1')
    followed.push(sets)
    const pods = await follow('Pod', 'v1')
    followed.push(pods)
    for (;;) {
      const progress = [...sets.list(), ...deployments.list()].map(progressOf)
      onProgress(progress)
      const isOver = Date.now() >= end || signal.aborted
      const stuck = progress
        .filter(each => each.outcome !== 'done')
        .map(workload => ({ workload, pod: worstPod(workload, pods.list()) }))
      if (stuck.length === 0) return []
      if (isOver || stuck.some(({ workload, pod }) => workload.outcome === 'stuck' || (pod && isHopeless(pod))))
        return stuck
      await new Promise<void>(done => {
        wake = done
        const timer = setTimeout(done, Math.min(1000, Math.max(0, end - Date.now())))
        timer.unref()
        signal.addEventListener('abort', () => done(), { once: true })
      })
    }
  } finally {
    await Promise.all(followed.map(each => each.stop()))
  }
}

/** As `kubectl rollout status` judges. */
export function progressOf(object: Live): Progress {
  const spec = Object(object['spec'])
  const status = Object(object['status'])
  const count = (value: unknown) => (typeof value === 'number' ? value : 0)
  const wanted = count(spec.replicas ?? 1)
  const [updated, ready, all] = [count(status.updatedReplicas), count(status.readyReplicas), count(status.replicas)]
  const isSeen = count(status.observedGeneration) >= (object.metadata.generation ?? 0)
  const isDone = isSeen && updated >= wanted && ready >= wanted && all === wanted
  const conditions: readonly { type?: string; reason?: string }[] = Array.isArray(status.conditions)
    ? status.conditions
    : []
  const isStuck = isSeen && conditions.some(({ reason }) => reason === 'ProgressDeadlineExceeded')
  return {
    kind: object.kind,
    name: object.metadata.name,
    ready,
    updated,
    wanted,
    outcome: isDone ? 'done' : isStuck ? 'stuck' : undefined,
  }
}

/** What a container waits for in vain. A Secret that is not there is not among them: an operator may be making it. */
const final = new Set(['ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull', 'CreateContainerError'])

/** Waiting longer would not help: the image cannot be had, or the container ended again and again. */
export function isHopeless(pod: Live): boolean {
  return containersOf(pod).some(
    ({ waiting, restarts }) => final.has(waiting) || (waiting === 'CrashLoopBackOff' && restarts >= 2),
  )
}

export interface ContainerState {
  readonly name: string
  readonly ready: boolean
  readonly restarts: number
  /** Why it does not run; '' when it does. */
  readonly waiting: string
  readonly message: string
  /** Exit status of the run before; undefined: there was none. */
  readonly exitCode: number | undefined
}

export function containersOf(pod: Live): readonly ContainerState[] {
  const status = Object(pod['status'])
  const statuses: readonly unknown[] = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
  return statuses.map(each => {
    const { name, ready, restartCount, state, lastState } = Object(each)
    return {
      name: String(name),
      ready: ready === true,
      restarts: Number(restartCount ?? 0),
      waiting: String(state?.waiting?.reason ?? ''),
      message: String(state?.waiting?.message ?? ''),
      exitCode: lastState?.terminated?.exitCode ?? state?.terminated?.exitCode,
    }
  })
}

/** Of the newest pods of a workload one that is not ready, the most hopeless first. */
function worstPod({ name }: Progress, pods: readonly Live[]): Live | undefined {
  const theirs = pods
    .filter(pod => pod.metadata.name.startsWith(`${name}-`) && !('deletionTimestamp' in pod.metadata))
    .filter(pod => !containersOf(pod).every(({ ready }) => ready) || containersOf(pod).length === 0)
  const rank = (pod: Live) => (isHopeless(pod) ? 0 : 1)
  return [...theirs].sort(
    (a, b) =>
      rank(a) - rank(b) || (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? ''),
  )[0]
}
