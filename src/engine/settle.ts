import type { TaskRef } from '../events.ts'
import type { Result } from '../modules/module.ts'
import type { Task, Written } from '../playbook/types.ts'
import { registered } from './completed.ts'
import type { HostState } from './host-state.ts'
import { cacheFacts } from './kept-facts.ts'
import { learn } from './learn.ts'
import { censored, hidden, isIgnored } from './shown-result.ts'
import { truth } from './truth.ts'
import type { PlayWorld, Surroundings, TaskOutcome } from './world.ts'

export interface Settlement {
  readonly task: Task
  readonly ref: TaskRef
  readonly around: Surroundings
  /** Whom the result holds for. */
  readonly hosts: readonly HostState[]
  /** Who did the work and is counted. */
  readonly by: HostState
  readonly outcome: TaskOutcome
  readonly notify: (handlers: readonly Written<string>[]) => void
}

/** What a task leaves behind: registered result, facts, notifications, counters, the host's state; then it is told. */
export function settle(world: PlayWorld, { task, ref, around, hosts, by, outcome, notify }: Settlement): void {
  const names = world.nameSpace.names(by, world, task, around.extra)
  const { result, said } = outcome
  const failed = outcome.outcome === 'failed'
  const ignored = failed && (said?.isIgnored ?? isIgnored(task, names))
  const ignoredUnreachable =
    outcome.outcome === 'unreachable' &&
    task.keywords.ignoreUnreachable !== undefined &&
    truth(names.written(task.keywords.ignoreUnreachable))
  const rescued = failed && !ignored && around.rescuable
  for (const host of hosts) {
    if (task.register) host.registered[task.register] = registered(result)
    // what the items of a loop bring is known to the next item already
    if (task.loop === undefined || host !== by) learn(world, task, host, result, outcome.delegatedTo)
    if (failed && !ignored && (host === by || host.active)) host.failure = { task: ref, role: task.role?.name, result }
    if (outcome.outcome === 'unreachable' && !ignoredUnreachable && host === by) host.unreachable = true
    if (host.unreachable || (failed && !ignored && !rescued)) host.removed = true
  }
  if (!failed) world.stats.learn(by.name, result)
  const shown = said ? (said.isHidden ? hidden(result) : result) : censored(task, names, result)
  if (shown !== result) {
    // a loop told of its turns when they ended
    if (said === undefined) world.secrets.addResult(result, task.module)
    const set = task.module === 'set_fact' ? [...Object.keys(task.args), ...factNames(result)] : []
    for (const host of hosts) world.progress.conceal(host, task.register ? [task.register, ...set] : set)
  }
  cacheNewFacts(world, [...hosts, ...(outcome.delegatedTo === undefined ? [] : [world.stateOf(outcome.delegatedTo)])])
  if (outcome.outcome !== 'skipped' && outcome.outcome !== 'unreachable') by.did(task)
  count(by, outcome, { ignored: ignored || ignoredUnreachable, rescued })
  if (outcome.outcome === 'changed')
    notify(said?.notify ?? task.notify.map(name => ({ value: String(names.written(name)), at: name.at })))
  world.emitter.say({
    type: 'task-finished',
    host: by.name,
    task: ref,
    outcome: outcome.outcome,
    ...(ignored || ignoredUnreachable ? { ignored: true } : {}),
    ...(rescued ? { rescued } : {}),
    ...(outcome.delegatedTo === undefined ? {} : { delegatedTo: outcome.delegatedTo }),
    ...(outcome.items === undefined ? {} : { items: outcome.items }),
    ms: outcome.ms,
    result: shown,
  })
}

function cacheNewFacts({ run, secrets, progress }: PlayWorld, hosts: readonly HostState[]): void {
  const cache = run.options.factCache
  for (const host of hosts) {
    if (cache && host.hasNewFacts)
      cacheFacts(host, cache, { secrets, isConcealed: name => progress.isConcealed(host, name) })
    host.hasNewFacts = false
  }
}

function count(
  host: HostState,
  { outcome, result }: TaskOutcome,
  { ignored, rescued }: { ignored: boolean; rescued: boolean },
): void {
  const { summary } = host
  switch (outcome) {
    case 'ok':
      summary.ok++
      return
    case 'changed':
      summary.ok++
      summary.changed++
      return
    case 'skipped':
      summary.skipped++
      return
    case 'failed':
      if (ignored) {
        summary.ok++
        summary.ignored++
        if (result.changed) summary.changed++
      } else if (rescued) summary.rescued++
      else summary.failed++
      return
    case 'unreachable':
      if (ignored) {
        summary.ok++
        summary.ignored++
      } else summary.unreachable++
      return
    default:
      outcome satisfies never
  }
}

/** Names of the facts in a result, and in those of its items: they are not what was written where that is a template. */
function factNames({ ansible_facts: facts, results }: Result): string[] {
  const items = Array.isArray(results) ? results.flatMap(item => factNames(item)) : []
  return [...Object.keys(Object(facts)), ...items]
}
