import { ConnectionError, type ScriptRequest } from '../connection/connection.ts'
import { jobSeconds, resultOfJob, runAsJob } from './as-job.ts'
import { between } from './between.ts'
import { chain } from './chain.ts'
import { comeBack } from './come-back.ts'
import { completed } from './completed.ts'
import { lineOf } from './connections.ts'
import { digestAhead } from './file-digest.ts'
import type { HostState } from './host-state.ts'
import { identity, lookRequest, type OpenedTask, openTask } from './opened-task.ts'
import { lookOf, type PerformOptions, perform, type StepResult } from './perform.ts'
import { planAhead } from './plan-ahead.ts'
import { reach, waitsForLine } from './reach.ts'
import { isHidden } from './shown-result.ts'
import type { Turn } from './world.ts'

/** Runs a module on a host: opens the task, takes the line, performs the step, waits for a host that restarts. */
export function runOnHost(turn: Turn, on: HostState): Promise<StepResult> {
  if (on === turn.assignment.state || turn.lane !== undefined) return onItsLane(turn, on)
  return turn.world.visits.onLane(on.name, lane => onItsLane({ ...turn, lane }, on))
}

async function onItsLane(turn: Turn, on: HostState): Promise<StepResult> {
  const { world, task, names } = turn
  const opened = await between(turn, on, openTask(world, task, names, on, turn.lane))
  const options: PerformOptions = {
    become: opened.become,
    environment: opened.environment,
    timeoutMs: opened.timeoutMs,
    folder: world.play.directory,
    checkMode: opened.inputs.checkMode,
    diffMode: opened.inputs.diffMode,
    signal: world.run.signal,
    ...told(turn, on),
    ...lookAhead(turn, on, opened),
  }
  try {
    if (jobSeconds(task, names) > 0) return await runAsJob(turn, on, opened, options)
    return await resultOfJob(turn, on, opened, () => performed(turn, on, opened, options))
  } catch (error) {
    // the next task there, if there is one, gets a new line
    if (error instanceof ConnectionError && error.kind === 'lost') await world.connections.drop(on.name)
    throw error
  }
}

async function performed(turn: Turn, on: HostState, opened: OpenedTask, options: PerformOptions): Promise<StepResult> {
  const asked = performance.now()
  const reaching = reach(turn.world, opened, on.name)
  const hashing = new AbortController()
  void digestAhead(opened.inputs.files?.entries.map(({ file }) => file) ?? [], hashing.signal)
  try {
    const connection = await reaching
    const reachedMs = performance.now() - asked
    const started = new Date()
    const bring = (how: PerformOptions) => perform(opened.module, opened.args, opened.inputs, connection, how)
    const place = placeOf(opened, turn, on)
    const step = await (place === undefined
      ? bring(options)
      : // what was seen before somebody else was there is void
        turn.world.visits.alone(place, waited =>
          bring(waited && options.done === undefined ? { ...options, seen: undefined } : options),
        ))
    on.looks.known.add(identity(opened.become))
    await restarted(turn, on, opened, step)
    if (waitsForLine(opened) !== undefined) step.result['elapsed'] = Math.round(reachedMs / 1000)
    return {
      outcome: step.result.failed ? 'failed' : step.outcome,
      result: completed(step.result, opened.module.kind === 'action' ? started : undefined),
    }
  } finally {
    hashing.abort()
  }
}

/**
 * What a step changes and others may change at the same time: a path; for delegated work without one all that its module keeps on
 * that machine, unless turns of a loop are to go at a time.
 */
function placeOf({ module, args, target }: OpenedTask, { task, assignment }: Turn, on: HostState): string | undefined {
  if (module.kind !== 'state') return undefined
  const machine = target.type === 'local' ? 'this machine' : on.name
  const keepsAll = on !== assignment.state && !task.loop?.control.parallel
  const thing = args['path'] ?? args['dest'] ?? args['file'] ?? (keepsAll ? module.summary : undefined)
  return thing === undefined ? undefined : `${machine}\n${thing}`
}

/** Who is told and asked while a step works: live output, and a saved plan that holds it to its word. */
function told({ world, task, names, assignment }: Turn, on: HostState): Pick<PerformOptions, 'approve' | 'onOutput'> {
  const { state, ref } = assignment
  return {
    approve: deed => {
      const apart = task.keywords.checkMode !== undefined
      const quiet = task.changedWhen.length > 0 && task.changedWhen.every(({ value }) => String(value) === 'false')
      return world.run.options.approve?.({ host: state.name, on: on.name, task: ref, apart, quiet, deed })
    },
    ...(isHidden(task, names)
      ? {}
      : { onOutput: text => world.emitter.say({ type: 'output', host: state.name, task: ref, text }) }),
  }
}

/** What was seen of this step before its turn, and the looks of later ones that ride along. Delegated work takes no part. */
function lookAhead(
  { world, task, assignment, items, lane }: Turn,
  on: HostState,
  opened: OpenedTask,
): Pick<PerformOptions, 'seen' | 'ahead' | 'onAhead' | 'onChange' | 'links' | 'onLinks' | 'done'> {
  const { state, around } = assignment
  const onChange = () => {
    // they may be the same machine
    if (on !== state) state.looks.void()
    if (opened.module.kind === 'state') on.looks.shrink()
    else on.looks.void()
  }
  // while a job runs there, what was seen may not hold
  if (!world.run.options.lookAhead || on !== state || on.jobs.size > 0 || lane !== undefined || isElsewhere(opened))
    return { onChange }
  on.looks.turnTo(lineOf(opened.target))
  const look = lookOf(opened.module, opened.args, opened.inputs)
  const key = look && lookRequest(opened, look).key
  const done = key === undefined ? undefined : on.looks.done(key)
  let planned: readonly { key: string; request: ScriptRequest }[] = []
  return {
    onChange,
    done,
    seen: done?.seen ?? (key === undefined ? undefined : on.looks.take(key, Date.now())),
    links: () =>
      key === undefined || on.looks.apart.has(task)
        ? []
        : chain(world, state, { task, items: items(0), current: opened, key }),
    onLinks: turns => {
      if (turns.size === 0) on.looks.apart.add(task)
      on.looks.keep(turns)
    },
    ahead: (behind, links) => {
      planned = planAhead(world, state, {
        upcoming: inTurn(items(links), around.upcoming()),
        current: task,
        limit: on.looks.batch,
        // behind a change they must run in the same shell, after it
        rides: user => user === identity(opened.become) || (behind === 'look' && on.looks.known.has(user)),
      })
      return planned.map(entry => entry.request)
    },
    onAhead: answers => {
      const now = Date.now()
      for (const [i, answer] of answers.entries()) {
        const key = planned[i]?.key
        if (key !== undefined && !answer.timedOut) on.looks.put(key, answer, now)
      }
      on.looks.grow()
    },
  }
}

/** What works between two hosts runs on another line than the looks of this host; what keeps a file changes this machine, after them. */
function isElsewhere({ module, target }: OpenedTask): boolean {
  return (
    module.kind === 'action' && (module.between === true || (module.saves !== undefined && target.type === 'local'))
  )
}

function* inTurn<T>(...parts: readonly Iterable<T>[]): Generator<T> {
  for (const part of parts) yield* part
}

/** A module that restarted its host: waits until it is back, and adds what that told. */
async function restarted({ world }: Turn, on: HostState, opened: OpenedTask, step: StepResult): Promise<void> {
  const { module, args, inputs, become } = opened
  if (module.kind !== 'action' || step.outcome !== 'changed' || inputs.checkMode) return
  const restart = module.restarts?.(args, step.result)
  if (restart === undefined) return
  on.looks.void()
  const reopen = async () => {
    await world.connections.drop(on.name)
    return opened.connect()
  }
  Object.assign(step.result, await comeBack(restart, reopen, become, world.run.signal))
}
