import { ModuleFailure, type Result, runsAsync } from '../modules/module.ts'
import type { Task } from '../playbook/types.ts'
import { isJobId } from '../shell/job.ts'
import { completed } from './completed.ts'
import type { Names } from './context.ts'
import type { HostState } from './host-state.ts'
import { awaitJob, Job } from './job.ts'
import type { OpenedTask } from './opened-task.ts'
import { pause } from './pause.ts'
import { type PerformOptions, perform, type StepResult } from './perform.ts'
import type { Turn } from './world.ts'

/** How long the job of a task with `async` may take, in seconds; 0: the task is none of that kind. */
export function jobSeconds(task: Task, names: Names): number {
  const seconds = task.async ? Number(names.written(task.async)) : 0
  return seconds > 0 ? seconds : 0
}

/** A task with `async`: its scripts run as a job of their own, which is waited for unless `poll` is 0. In check mode it is a step like any other. */
export async function runAsJob(
  turn: Turn,
  on: HostState,
  opened: OpenedTask,
  options: PerformOptions,
): Promise<StepResult> {
  const { world, task, names } = turn
  const { become, environment, module, args, inputs } = opened
  const seconds = jobSeconds(task, names)
  const { signal } = world.run
  if (!runsAsync(module)) throw new ModuleFailure('async is not supported for this task.')
  const connection = await opened.connect()
  const job = new Job(connection, { become, environment, seconds, signal }, launch =>
    perform(module, args, inputs, connection, { ...options, job: launch }),
  )
  await job.begun
  world.jobs.add(job)
  const pollSeconds = task.poll ? Number(names.written(task.poll)) : DEFAULT_POLL_SECONDS
  if (job.settled !== undefined) return { ...job.settled, result: told(job.settled, job, pollSeconds > 0 ? 1 : 0) }
  on.jobs.add(job.id)
  if (!(pollSeconds > 0)) return { outcome: 'changed', result: { ...job.words(0), changed: true, failed: false } }
  const look = await awaitJob(job, {
    seconds,
    pollMs: pollSeconds * 1000,
    connect: () => opened.connect(),
    drop: () => world.connections.drop(on.name),
    wait: ms => pause(ms, signal),
    signal,
  })
  if (look?.state === 'done') {
    const step = await job.collect(await opened.connect(), look, signal)
    on.jobs.delete(job.id)
    await job.erase(await opened.connect(), signal)
    return { ...step, result: told(step, job, 1) }
  }
  if (look !== undefined) on.jobs.delete(job.id)
  const msg =
    look?.state === 'dead' || look?.state === 'none'
      ? 'the job is gone, and left no result'
      : `async task did not complete within the requested time - ${seconds}s`
  return { outcome: 'failed', result: { changed: false, failed: true, msg, async_result: job.words(0) } }
}

/** What `async_status` gives of a job that this run began: the result of its task. `asked` is what the host says of it. */
export async function resultOfJob(
  { world }: Turn,
  on: HostState,
  { module, args, connect }: OpenedTask,
  asked: () => Promise<StepResult>,
): Promise<StepResult> {
  const id = module.kind === 'action' ? module.asksJob?.(args) : undefined
  const job = id === undefined || !isJobId(id) ? undefined : world.jobs.find(id)
  if (job === undefined) return asked()
  if (!job.onHost && job.settled) return { ...job.settled, result: told(job.settled, job, 1) }
  const status = await asked()
  if (status.result['finished'] === 1) on.jobs.delete(job.id)
  if (status.result['finished'] !== 1 || status.result.rc === undefined) return status
  const { signal } = world.run
  const connection = await connect()
  const step = job.settled ?? (await job.collect(connection, await job.look(connection, signal), signal))
  return { ...step, result: told(step, job, 1) }
}

function told({ result }: StepResult, job: Job, finished: 0 | 1): Result {
  return { ...completed(result, undefined), ...job.words(finished) }
}

const DEFAULT_POLL_SECONDS = 15
