import { ConnectionError } from '../connection/connection.ts'
import { MlopsError } from '../errors.ts'
import type { Host, Inventory } from '../inventory/inventory.ts'
import { hostOf, type SelectOptions, select } from '../inventory/pattern.ts'
import { flatten } from '../playbook/list.ts'
import type { Play, Playbook } from '../playbook/types.ts'
import { Connections } from './connections.ts'
import { NameSpace } from './context.ts'
import { CustomStats } from './custom-stats.ts'
import { Debugger } from './debugger.ts'
import { Emitter } from './emitter.ts'
import type { Run, RunResult } from './engine.ts'
import { foresee } from './foresee.ts'
import { Growth } from './growth.ts'
import { HostState } from './host-state.ts'
import { Jobs } from './job.ts'
import { recallFacts } from './kept-facts.ts'
import { Secrets } from './mask.ts'
import { runPlay } from './play.ts'
import { Progress } from './progress.ts'
import { askPrompts } from './prompts.ts'
import { StartAt } from './start-at.ts'
import { Visits } from './visits.ts'
import type { World } from './world.ts'

/** Plays a playbook. What fails on a host is in the result; what the user can put right is thrown (`MlopsError`) before a host is touched, where it can be known. */
export async function run(what: Run): Promise<RunResult> {
  const start = performance.now()
  const { options, playbook, signal } = what
  const secrets = new Secrets()
  const growth = new Growth(what.inventory, playbook.directory, host => {
    const state = states.get(host.name) ?? (host === inventory.localhost ? extras.get(host.name) : undefined)
    if (state) state.regroup(host)
    else if (host !== inventory.localhost) states.set(host.name, stateFor(host))
  })
  const stateFor = (host: Host) => recallFacts(new HostState(host), options.factCache)
  const { inventory } = growth
  const states = new Map([...inventory.hosts.values()].map(host => [host.name, stateFor(host)]))
  const connections = new Connections(what.open, options, signal)
  const world: World = {
    run: what,
    states,
    growth,
    nameSpace: new NameSpace({
      playbookDirectory: playbook.directory,
      options,
      states,
      inventory,
      groups: () => growth.groups,
    }),
    connections,
    emitter: new Emitter(what.emit, secrets),
    secrets,
    progress: new Progress(options.resume, playbook.plays),
    jobs: new Jobs(),
    visits: new Visits(),
    debugger: new Debugger(),
    stats: new CustomStats(),
    stateOf: name => {
      const known = states.get(name) ?? extras.get(name)
      if (known) return known
      const state = stateFor(hostOf(inventory, name) ?? bare(name))
      extras.set(name, state)
      return state
    },
  }
  const extras = new Map<string, HostState>()
  const startAt = new StartAt(options)
  const { progress } = world
  progress.restore(world.stateOf)
  let interrupted = false
  world.emitter.say({ type: 'run-started', playbook: playbook.file, checkMode: options.checkMode })
  try {
    foresee(playbook, options, world.emitter)
    for (const { directory } of playbook.plays) growth.beside(directory)
    if (!growing(playbook)) for (const play of playbook.plays) hostsOf(world, play, inventory)
    for (const play of playbook.plays) {
      growth.turnTo(play.directory)
      const all = hostsOf(world, play, inventory, { allowEmpty: true }).map(name => world.stateOf(name))
      const hosts = inOrder(play, all).filter(host => host.failure === undefined && !host.unreachable)
      if (all.length === 0) {
        world.emitter.say({
          type: 'no-hosts',
          play: { id: play.id, name: play.name, at: play.at },
          pattern: String(play.hosts.value),
        })
        continue
      }
      if (hosts.length === 0) continue
      // as in Ansible: nobody is left of a batch, so what builds on it is not begun
      if (!(await runPlay(world, play, { all, hosts }, startAt, await askPrompts(world, play)))) break
    }
    if (startAt.missed)
      throw new MlopsError('play.start-at', `no task matches --start-at-task ${options.startAtTask}`, {
        hint: 'mlops play --list-tasks shows their names',
      })
    const [lost] = progress.missed()
    if (lost && everyoneWell(states.values()))
      throw new MlopsError('play.resume', `${lost[0]} stopped at \`${lost[1]}\`, and this task is not met any more`, {
        hint: 'play without --resume, from the beginning',
      })
  } catch (error) {
    if (!(error instanceof ConnectionError && error.kind === 'interrupted')) {
      await connections.close()
      throw error
    }
    interrupted = true
  }
  const stats = await connections.stats()
  const closing = connections.close()
  if (!interrupted) await closing
  const touched = [...states.values(), ...extras.values()].filter(state =>
    Object.values(state.summary).some(count => count > 0),
  )
  const summary = Object.fromEntries(touched.map(state => [state.name, { ...state.summary }]))
  world.emitter.say({
    type: 'run-finished',
    ms: Math.round(performance.now() - start),
    interrupted,
    summary,
    ...(world.stats.all ? { stats: world.stats.all } : {}),
    connections: stats,
  })
  if (interrupted) await closing
  const all = [...states.values(), ...extras.values()]
  const halts = progress.halts(all, secrets, interrupted)
  return { summary, interrupted, halts, exitStatus: interrupted ? 99 : progress.isBroken ? 2 : exitStatus(all) }
}

/** Whether a task may bring hosts or groups while playing, so that a pattern that matches nothing yet is no mistake. */
function growing({ plays }: Playbook): boolean {
  return plays.some(play =>
    flatten(play.steps).some(
      step =>
        step.kind === 'include' ||
        (step.kind === 'meta' && step.verb === 'refresh_inventory') ||
        (step.kind === 'task' && ['add_host', 'group_by'].includes(step.module)),
    ),
  )
}

/** The hosts of a play, as the inventory has them. Throws `inventory.no-host` when its pattern and the limit match nothing. */
function hostsOf(
  world: World,
  play: Play,
  inventory: Inventory,
  how: Pick<SelectOptions, 'allowEmpty'> = {},
): readonly string[] {
  const { options } = world.run
  const pattern = patternOf(world, play)
  return select(inventory, pattern, { limit: options.limit, at: play.hosts.at, ...how }).hosts
}

/** Hosts in the `order` of the play. */
function inOrder(play: Play, hosts: readonly HostState[]): HostState[] {
  const byName = [...hosts].sort((a, b) => (a.name < b.name ? -1 : 1))
  const order = String(play.order?.value ?? 'inventory')
  switch (order) {
    case 'sorted':
      return byName
    case 'reverse_sorted':
      return byName.reverse()
    case 'reverse_inventory':
      return [...hosts].reverse()
    case 'shuffle':
      return [...hosts].sort(() => Math.random() - 0.5)
    default:
      return [...hosts]
  }
}

function patternOf(world: World, play: Play): string {
  const any = world.stateOf('localhost')
  const value = world.nameSpace.names(any).written(play.hosts)
  return Array.isArray(value) ? value.map(String).join(',') : String(value)
}

function exitStatus(states: readonly HostState[]): 0 | 2 | 4 {
  if (states.some(host => host.unreachable)) return 4
  return states.some(host => host.failure !== undefined) ? 2 : 0
}

function everyoneWell(states: Iterable<HostState>): boolean {
  return [...states].every(state => state.failure === undefined && !state.unreachable)
}

/** A host that only a `delegate_to` names: reached under its own name. */
function bare(name: string): Host {
  return { name, groups: ['all', 'ungrouped'], layers: [] }
}
