import type { ScriptRequest } from '../connection/connection.ts'
import { ConnectionError } from '../connection/connection.ts'
import { MlopsError } from '../errors.ts'
import { ModuleFailure } from '../modules/module.ts'
import type { Task } from '../playbook/types.ts'
import { hasTemplate, type Lookup, type Scope } from '../template/template.ts'
import { lineOf } from './connections.ts'
import { Names } from './context.ts'
import type { HostState } from './host-state.ts'
import { largestBatch } from './look-ahead.ts'
import { loopItems } from './loop.ts'
import { identity, lookRequest, openTask } from './opened-task.ts'
import { lookOf } from './perform.ts'
import { selectedByTags } from './tags.ts'
import type { PlayWorld, Upcoming } from './world.ts'

/** Thrown out of a template that reads a name which a task in between has yet to set. */
export class Pending extends Error {}

/** Whether the error only says that a task cannot be opened before its turn. */
export function isForeseen(error: unknown): boolean {
  return [Pending, MlopsError, ModuleFailure, ConnectionError].some(kind => error instanceof kind)
}

export interface AheadQuestion {
  readonly upcoming: Iterable<Upcoming>
  /** The task that runs now: what it registers is not known yet. */
  readonly current: Task
  /** How many tasks, each with all turns of its loop. */
  readonly limit: number
  /** Whether looks of this identity may ride along. */
  readonly rides: (identity: string) => boolean
}

/**
 * The looks of the next tasks of a host that can be opened already. Ends at a task that runs user text, waits, includes,
 * or is delegated; passes over those whose text needs a result that is still to come.
 */
export function planAhead(
  world: PlayWorld,
  state: HostState,
  question: AheadQuestion,
): { key: string; request: ScriptRequest }[] {
  const plan: { key: string; request: ScriptRequest }[] = []
  const planned = new Set<string>()
  const pending = new Set<string>()
  const { current, limit, rides } = question
  let tasks = 0
  const now = Date.now()
  note(current, pending)
  for (const { step, extra } of question.upcoming) {
    if (tasks === limit || plan.length >= largestBatch) break
    if (step.kind === 'meta') {
      if (step.verb === 'noop' || (step.verb === 'flush_handlers' && state.notified.size === 0)) continue
      break
    }
    if (step.kind !== 'task') break
    if (!selectedByTags(step.keywords.tags, world.run.options.tags, world.run.options.skipTags)) continue
    const module = world.run.modules.find(step.module)
    if (state.passesOver(step)) continue
    if (module === undefined || ends(step)) break
    if (module.kind === 'controller') {
      if (!passive.has(step.module) || setsAnyName(step)) break
      note(step, pending)
      continue
    }
    const before = plan.length
    const fresh = step === current && extra.loop !== undefined ? [extra] : undefined
    let opened = true
    try {
      for (const each of fresh ?? turns(world, state, step, { step, extra }, pending)) {
        const names = guarded(world, state, step, each, { pending })
        if (!step.keywords.when.every(condition => names.test(condition))) continue
        const task = openTask(world, step, names, state)
        const look = lookOf(task.module, task.args, task.inputs)
        if (look === undefined || lineOf(task.target) !== state.looks.line) {
          opened = false
          break
        }
        if (!rides(identity(task.become))) continue
        const entry = lookRequest(task, look)
        if (planned.has(entry.key) || state.looks.take(entry.key, now)) continue
        planned.add(entry.key)
        plan.push(entry)
        if (plan.length >= largestBatch) break
      }
    } catch (error) {
      if (!isForeseen(error)) throw error
      opened = false
    }
    if (module.kind === 'action' && !opened) break
    if (plan.length > before) tasks++
    note(step, pending)
  }
  return plan
}

/** Whether names that a task sets are themselves templates. */
function setsAnyName({ module, args, argsTemplate }: Task): boolean {
  return module === 'set_fact' && (argsTemplate !== undefined || Object.keys(args).some(hasTemplate))
}

/** Controller modules over which looks may run ahead. */
const passive = new Set(['debug', 'set_fact', 'assert', 'fail'])

function ends(task: Task): boolean {
  const { keywords } = task
  return (
    keywords.delegateTo !== undefined ||
    keywords.runOnce !== undefined ||
    task.until.length > 0 ||
    task.retries !== undefined ||
    task.loop?.control.pause !== undefined ||
    task.module === 'setup'
  )
}

/** The names that a task will set. */
function note(task: Task, pending: Set<string>): void {
  if (task.register) pending.add(task.register)
  if (task.module === 'set_fact') for (const name of Object.keys(task.args)) pending.add(name)
}

function turns(
  world: PlayWorld,
  state: HostState,
  task: Task,
  { extra }: Upcoming,
  pending: ReadonlySet<string>,
): Upcoming['extra'][] {
  if (!task.loop) return [extra]
  const items = loopItems(task, guarded(world, state, task, extra, { pending })) ?? []
  return items.map(item => ({ ...extra, loop: { ...extra.loop, ...item.vars } }))
}

/** The names of a task that is opened before its turn: what is still to come, and what acts, cannot be read. */
export function guarded(
  world: PlayWorld,
  state: HostState,
  task: Task,
  extra: Upcoming['extra'],
  { pending, closed = actingLookups }: { pending: ReadonlySet<string>; closed?: Readonly<Record<string, Lookup>> },
): Names {
  const { scope, options } = world.nameSpace.names(state, world, task, extra)
  const wary: Scope = {
    get(name) {
      if (pending.has(name) && extra.loop?.[name] === undefined) throw new Pending()
      return scope.get(name)
    },
    names: () => scope.names(),
  }
  const lookups = { ...options.plugins?.lookups, ...closed }
  return new Names(wary, { ...options, plugins: { ...options.plugins, lookups } }, task)
}

/** Lookups that cannot be asked before the task's turn. */
function closedLookups(names: readonly string[]): Readonly<Record<string, Lookup>> {
  const later = () => {
    throw new Pending()
  }
  return Object.fromEntries(names.map(name => [name, later]))
}

const acting = ['pipe', 'lines', 'password', 'url', 'random_choice']
const reading = ['file', 'fileglob', 'first_found', 'template', 'unvault', 'ini', 'csvfile']

/** Lookups that do something, cost much, or say another thing each time: they run once, in their task's turn. */
const actingLookups = closedLookups(acting)

/** These, and those that read files of this machine. */
export const localLookups = closedLookups([...acting, ...reading])
