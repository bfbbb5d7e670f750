import type { TaskRef } from '../events.ts'
import type { Block, Handler, Include, Meta, Step, Task } from '../playbook/types.ts'
import { blockTurns } from './block-loop.ts'
import { Debugger } from './debugger.ts'
import type { Handlers } from './handlers.ts'
import type { HostState } from './host-state.ts'
import { Includes } from './include.ts'
import { judge } from './judge.ts'
import { meantBy, runMeta } from './meta.ts'
import { pause } from './pause.ts'
import type { Pool } from './pool.ts'
import { settle } from './settle.ts'
import type { StartAt } from './start-at.ts'
import { remains } from './tags.ts'
import { runTask } from './task.ts'
import { includeName, taskName } from './task-name.ts'
import { truth } from './truth.ts'
import { following } from './upcoming.ts'
import type { Assignment, Outcome, PlayWorld, Surroundings, TaskOutcome } from './world.ts'

/**
 * Walks the steps of a play with a group of hosts: each step is done by all of them before the next begins (linear).
 * With one host a walk is what the free strategy does.
 */
export class Walker {
  readonly #world: PlayWorld
  readonly #pool: Pool
  readonly #startAt: StartAt
  readonly handlers: Handlers
  readonly #includes: Includes
  /** Whom `run_once` is for, also where it stands in a file that only some of them include. */
  readonly #group: readonly HostState[]

  constructor(world: PlayWorld, pool: Pool, startAt: StartAt, handlers: Handlers, group: readonly HostState[]) {
    this.#group = group
    this.#world = world
    this.#pool = pool
    this.#startAt = startAt
    this.handlers = handlers
    this.#includes = new Includes(world, handlers, startAt)
  }

  async steps(steps: readonly Step[], hosts: readonly HostState[], around: Surroundings): Promise<void> {
    for (const [i, step] of steps.entries()) {
      const active = hosts.filter(host => host.active && !host.passesOver(step))
      if (active.length === 0) {
        if (hosts.some(host => host.active)) continue
        return
      }
      const here: Surroundings = { ...around, upcoming: () => following(steps, i + 1, around) }
      await this.#step(step, active, here)
    }
  }

  async #step(step: Step, hosts: readonly HostState[], around: Surroundings): Promise<void> {
    switch (step.kind) {
      case 'block':
        return this.#block(step, hosts, around)
      case 'include':
        return this.#include(step, hosts, around)
      case 'meta':
        if (!this.#remains(step)) return
        return this.#meta(step, hosts, around)
      case 'task':
        if (!this.#remains(step)) return
        return this.task(step, hosts, around)
      default:
        return step satisfies never
    }
  }

  #remains(step: Step | Handler): boolean {
    return remains(step, this.#world.run.options)
  }

  async #block(block: Block, hosts: readonly HostState[], around: Surroundings): Promise<void> {
    if (block.loop === undefined) return this.#blockOnce(block, hosts, around)
    for (const turn of blockTurns(this.#world, block, hosts, around)) {
      const active = turn.hosts.filter(host => host.active)
      if (active.length === 0) continue
      await this.#blockOnce(block, active, { ...around, extra: turn.extra })
      if (turn.pauseMs > 0) await pause(turn.pauseMs, this.#world.run.signal)
    }
  }

  async #blockOnce(block: Block, hosts: readonly HostState[], around: Surroundings): Promise<void> {
    const upcoming = () => following(block.always, 0, around)
    // one of whose steps tags leave nothing rescues nothing
    const rescues = block.rescue.some(step => this.#remains(step))
    await this.steps(block.block, hosts, {
      ...around,
      upcoming,
      rescuable: rescues || around.rescuable,
    })
    const fallen = hosts.filter(host => host.failure !== undefined)
    if (rescues && fallen.length > 0) {
      for (const host of fallen) {
        Object.assign(host.registered, whatFailed(host))
        host.failure = undefined
      }
      await this.#world.progress.staying(fallen, () => this.steps(block.rescue, fallen, around))
    }
    if (block.always.length === 0) return
    const kept = new Map(hosts.map(host => [host, host.failure]))
    for (const host of hosts) host.failure = undefined
    const lame = hosts.filter(host => kept.get(host) !== undefined)
    await this.#world.progress.staying(lame, () => this.steps(block.always, hosts, around))
    for (const [host, failure] of kept) host.failure ??= failure
  }

  /** A handler on the hosts that were told of it. What it includes are handlers, too. */
  async handler(handler: Handler, hosts: readonly HostState[], around: Surroundings): Promise<void> {
    switch (handler.kind) {
      case 'task':
        return this.task(handler, hosts, around)
      case 'include':
        await this.#include(handler, hosts, around)
        for (const host of hosts) if (host.failure !== undefined) this.#world.progress.broke(host, handler.id)
        return
      case 'meta':
        return this.#meta(handler, hosts, around)
      default:
        return handler satisfies never
    }
  }

  /** One task on all hosts, at most `forks` (and `throttle`) at a time. */
  async task(task: Task, all: readonly HostState[], around: Surroundings): Promise<void> {
    const { progress, play } = this.#world
    const isHandler = 'listen' in task
    const hosts = isHandler ? all : all.filter(host => progress.takes(host, play, task))
    const [first] = hosts
    if (first === undefined) return
    const ref = this.#ref(task, first, around)
    if (!(await this.#startAt.reached(task, ref.name))) return
    this.#world.emitter.say({
      type: 'task-started',
      play: { id: this.#world.play.id, name: this.#world.play.name, at: this.#world.play.at },
      task: ref,
    })
    const names = this.#world.nameSpace.names(first, this.#world, task, around.extra)
    const { runOnce, throttle } = task.keywords
    const forAll = runOnce !== undefined && truth(names.written(runOnce))
    if (forAll || this.#world.run.modules.find(task.module)?.once)
      await this.#once(task, ref, forAll ? this.#all(hosts) : [first], around)
    else {
      const limit = throttle ? Number(names.written(throttle)) : 0
      const outcomes = new Map<HostState, Outcome>()
      await this.#pool.limited(task.id, limit, hosts, async host => {
        outcomes.set(host, await this.#on(task, ref, host, around))
      })
      if (this.#acted(task, outcomes))
        for (const [host, outcome] of outcomes) if (outcome === 'skipped') host.looks.void()
    }
    for (const host of hosts) {
      if (host.failure === undefined && !host.unreachable) {
        if (!isHandler) progress.done(host)
      } else if (isHandler) progress.broke(host, task.id)
    }
    judge(this.#world, task, { ref, hosts, names, once: forAll, rescuable: around.rescuable })
  }

  async #outcome(task: Task, assignment: Assignment): Promise<TaskOutcome> {
    const outcome = await runTask(this.#world, task, assignment)
    if (this.#world.run.options.debug === undefined) return outcome
    const names = this.#world.nameSpace.names(assignment.state, this.#world, task, assignment.around.extra)
    if (!Debugger.wants(this.#world, task, names, outcome)) return outcome
    return this.#world.debugger.talk(this.#world, task, assignment, outcome)
  }

  async #on(task: Task, ref: TaskRef, host: HostState, around: Surroundings): Promise<Outcome> {
    const outcome = await this.#outcome(task, { ref, state: host, around })
    settle(this.#world, {
      task,
      ref,
      around,
      hosts: [host],
      by: host,
      outcome,
      notify: names => this.handlers.notify(host, names),
    })
    return outcome.outcome
  }

  /** Whether some hosts ran what people wrote: it may have changed what those see next that had nothing to do here. */
  #acted({ module }: Task, outcomes: ReadonlyMap<HostState, Outcome>): boolean {
    if (outcomes.size < 2 || this.#world.run.modules.find(module)?.kind !== 'action') return false
    return [...outcomes.values()].some(outcome => outcome === 'changed' || outcome === 'failed')
  }

  #all(hosts: readonly HostState[]): readonly HostState[] {
    const here = new Set(hosts)
    return [...hosts, ...this.#group.filter(host => !here.has(host) && !host.unreachable)]
  }

  /** `run_once`: the first host works, and what it learns holds for all. */
  async #once(task: Task, ref: TaskRef, hosts: readonly HostState[], around: Surroundings): Promise<void> {
    const [first] = hosts
    if (first === undefined) return
    const outcome = await this.#outcome(task, { ref, state: first, around })
    settle(this.#world, {
      task,
      ref,
      around,
      hosts,
      by: first,
      outcome,
      notify: names => this.handlers.notify(first, names),
    })
  }

  async #include(include: Include, all: readonly HostState[], around: Surroundings): Promise<void> {
    if (!this.#remains(include)) return
    const { runOnce } = include.keywords
    const [first] = all
    if (first === undefined) return
    const names = this.#world.nameSpace.names(first, this.#world, include, around.extra)
    const hosts = runOnce && truth(names.written(runOnce)) ? [first] : all
    const ref: TaskRef = {
      id: include.id,
      name: includeName(this.#world, include, first, around),
      module: `include_${include.what}`,
      at: include.at,
      ...('listen' in include ? { handler: true } : {}),
    }
    this.#startAt.meet(ref.name)
    const groups = this.#includes.open(include, ref, hosts, around)
    const { register } = include
    if (register !== undefined && hosts.length < all.length)
      for (const host of all) host.registered[register] = first.registered[register]
    for (const opened of groups) {
      const steps = 'listen' in include ? asHandlers(opened.steps) : opened.steps
      await this.steps(steps, opened.hosts, { ...around, extra: opened.extra, depth: (around.depth ?? 0) + 1 })
    }
  }

  async #meta(meta: Meta, hosts: readonly HostState[], around: Surroundings): Promise<void> {
    if (meta.name !== undefined) this.#startAt.meet(meta.name)
    if (this.#startAt.missed) return
    const here = hosts.filter(host => !this.#world.progress.waits(host))
    if (meta.verb === 'flush_handlers')
      return this.handlers.flush(meantBy(this.#world, meta, here, around.extra), this, {
        atEnd: meta.id === this.#world.play.steps.at(-1)?.id,
      })
    await runMeta(this.#world, meta, here, around.extra)
  }

  #ref(task: Task, host: HostState, around: Surroundings): TaskRef {
    return {
      id: task.id,
      name: taskName(this.#world, task, host, around),
      module: task.module,
      at: task.at,
      ...('listen' in task ? { handler: true } : {}),
    }
  }
}

function asHandlers(steps: readonly Step[]): readonly Step[] {
  return steps.map(step =>
    step.kind === 'block'
      ? {
          ...step,
          block: asHandlers(step.block),
          rescue: asHandlers(step.rescue),
          always: asHandlers(step.always),
        }
      : { ...step, listen: [] },
  )
}

/** What a rescue, and all that comes after it, can read about the failure. */
function whatFailed({ failure }: HostState): Record<string, unknown> {
  const { name = '', module } = failure?.task ?? {}
  const prefix = `${failure?.role} : `
  const own = name.startsWith(prefix) ? name.slice(prefix.length) : name
  return {
    ansible_failed_task: { name: own === module ? '' : own, action: failure?.task.module, args: {} },
    ansible_failed_result: failure?.result,
  }
}
