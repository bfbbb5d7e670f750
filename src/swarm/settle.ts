import { setTimeout as wait } from 'node:timers/promises'
import type { Line } from '../engine/line.ts'
import { digestLabel, nodeLabel } from './blueprint.ts'
import { lookAtSwarm, partOf, type Service, type SwarmLook, type Task, type TaskSpec } from './look.ts'

/** How far a service is. */
export interface Progress {
  readonly name: string
  readonly wanted: number
  /** Those that run as the service is asked for now. */
  readonly ready: number
  /** Those that still run and shall not: of the version before, or too many. */
  readonly leaving: number
  readonly outcome: 'done' | 'going on' | 'taken back' | 'stuck'
  /** Why it was taken back, or does not go on. */
  readonly problem: string | undefined
}

/** How far each service of a stack is, in order of their names. `digests`: what was asked for. */
export function progressOf(
  look: SwarmLook,
  project: string,
  digests: ReadonlyMap<string, string> = new Map(),
): Progress[] {
  return look.services
    .map(service => progress(service, look, project, digests.get(partOf(service, project))))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Waits until every service runs as it was asked for, is taken back, or the time is over; gives the last look. */
export async function settled(
  manager: Line,
  project: string,
  {
    timeoutMs,
    digests,
    signal,
    onProgress = () => undefined,
  }: {
    readonly timeoutMs: number
    readonly digests?: ReadonlyMap<string, string> | undefined
    readonly signal?: AbortSignal | undefined
    readonly onProgress?: (progress: readonly Progress[]) => void
  },
): Promise<{ readonly look: SwarmLook; readonly progress: readonly Progress[] }> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const look = await lookAtSwarm(manager, project)
    const progress = progressOf(look, project, digests)
    onProgress(progress)
    const isOver = progress.every(({ outcome }) => outcome !== 'going on') || performance.now() > deadline
    if (isOver || signal?.aborted) {
      const late = progress.map(each =>
        each.outcome === 'going on' && isOver ? { ...each, outcome: 'stuck' as const } : each,
      )
      return { look, progress: late }
    }
    await wait(500, undefined, signal ? { signal } : {}).catch(() => undefined)
  }
}

/** What went wrong with some tasks, the latest first, each said once. */
function problemsOf(tasks: readonly Task[]): string[] {
  const said = tasks
    .filter(({ Status }) => Status.Err || Status.State === 'complete')
    .sort((a, b) => (a.CreatedAt < b.CreatedAt ? 1 : -1))
    // one whose health check fails is asked to stop, and does: without an error of its own
    .map(({ Status }) => Status.Err || 'a copy ended, as one does that is not well; mlops logs shows what it said')
  return [...new Set(said)].slice(0, 3)
}

/** The tasks of a service that run, or begin to. */
export function living(service: Service, { tasks }: SwarmLook): Task[] {
  return tasks.filter(task => task.ServiceID === service.ID && !over.has(task.Status.State))
}

const over = new Set(['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned'])

function progress(service: Service, look: SwarmLook, project: string, digest: string | undefined): Progress {
  const name = partOf(service, project)
  const wanted = service.Spec.Mode.Replicated?.Replicas ?? eligible(look, name)
  const tasks = living(service, look).filter(task => isReachable(task, look))
  const asked = identity(service.Spec.TaskTemplate)
  const right = tasks.filter(task => task.DesiredState === 'running' && identity(task.Spec) === asked)
  const ready = right.filter(task => task.Status.State === 'running').length
  const leaving = tasks.length - right.length
  const { State: state = '', Message: message } = service.UpdateStatus ?? {}
  const isMoving = ['updating', 'rollback_started'].includes(state)
  const isBack = digest !== undefined && service.Spec.Labels?.[digestLabel] !== digest
  const isRight = ready === wanted && leaving === 0 && !isMoving && !isBack
  const outcome = isRight
    ? 'done'
    : isBack && !isMoving
      ? 'taken back'
      : ['paused', 'rollback_paused'].includes(state)
        ? 'stuck'
        : 'going on'
  if (isRight) return { name, wanted, ready, leaving, outcome, problem: undefined }
  // of what was asked for: that is no longer what the service asks for when it was taken back
  const theirs = look.tasks.filter(task => task.ServiceID === service.ID && (identity(task.Spec) === asked) !== isBack)
  const problem =
    [outcome === 'going on' ? undefined : message, ...problemsOf(theirs)].filter(Boolean).join('; ') || undefined
  return { name, wanted, ready, leaving, outcome, problem }
}

/** What containers are made of. A service names parts that say nothing, a task does not. */
function identity({ ContainerSpec, ForceUpdate = 0 }: TaskSpec): string {
  const isEmpty = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length === 0
  return JSON.stringify([ContainerSpec, ForceUpdate], (_, value) => (isEmpty(value) ? undefined : value))
}

/** How many servers run a service that runs once on each. */
function eligible({ nodes }: SwarmLook, name: string): number {
  return nodes.filter(
    ({ Spec, Status }) =>
      Spec.Labels?.[nodeLabel(name)] === 'yes' && Spec.Availability === 'active' && Status.State === 'ready',
  ).length
}

/** What a server did that is away now is not known: nobody waits for it. */
function isReachable({ NodeID }: Task, { nodes }: SwarmLook): boolean {
  return NodeID === undefined || nodes.some(({ ID, Status }) => ID === NodeID && Status.State === 'ready')
}
