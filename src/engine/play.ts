import { MlopsError } from '../errors.ts'
import type { Play, Role, Task, Written } from '../playbook/types.ts'
import { type Layer, written } from '../variables/variables.ts'
import { Handlers } from './handlers.ts'
import type { HostState } from './host-state.ts'
import { gatheringId } from './learn.ts'
import { find } from './local-files.ts'
import { lookLifetimeMs } from './look-ahead.ts'
import { Pool } from './pool.ts'
import { promptLayers } from './prompts.ts'
import type { StartAt } from './start-at.ts'
import { truth } from './truth.ts'
import { Walker } from './walk.ts'
import type { PlayWorld, Surroundings, World } from './world.ts'

/** The hosts of a play: `all` as the inventory has them, `hosts` those that still take part, in the order of the play. */
export interface PlayHosts {
  readonly all: readonly HostState[]
  readonly hosts: readonly HostState[]
}

/** Plays one play on its hosts, batch by batch. False: a whole batch failed, which ends the run. */
export async function runPlay(
  world: World,
  play: Play,
  { all, hosts }: PlayHosts,
  startAt: StartAt,
  prompted: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const pool = new Pool(world.run.options.forks)
  for (const host of all) host.removed = host.failure !== undefined || host.unreachable
  for (const host of hosts) {
    host.ended = false
    host.endedRoles.clear()
    host.doneRoles.clear()
    host.notified.clear()
    host.looks.void()
  }
  const published: Role[] = []
  for (const batch of batches(world, play, hosts)) {
    const alive = batch.filter(host => host.active)
    if (alive.length === 0) continue
    const playLayers = new Map<HostState, readonly Layer[]>()
    const playWorld: PlayWorld = {
      ...world,
      play,
      view: { name: play.name, directory: play.directory, roles: play.roles, batch, all },
      playLayers,
      published,
    }
    for (const host of alive) {
      playLayers.set(host, ownLayers(playWorld, host, prompted))
      host.looks.lifetimeMs = lookLifetimeMs(alive.length)
    }
    world.emitter.say({
      type: 'play-started',
      play: { id: play.id, name: play.name, at: play.at },
      hosts: alive.map(host => host.name),
    })
    await runBatch(playWorld, alive, pool, startAt)
    if (alive.every(host => host.failure !== undefined || host.unreachable)) return false
    if (all.every(host => host.ended)) return true
    for (const host of batch) {
      host.ended = false
      // who left the batch is of the play again, as in Ansible
      host.removed = host.failure !== undefined || host.unreachable
    }
  }
  return true
}

async function runBatch(world: PlayWorld, hosts: readonly HostState[], pool: Pool, startAt: StartAt): Promise<void> {
  const { play } = world
  const handlers = new Handlers(world)
  handlers.remind(hosts)
  const around: Surroundings = { extra: {}, rescuable: false, upcoming: () => [] }
  const walk = async (group: readonly HostState[]) => {
    const walker = new Walker(world, pool, startAt, handlers, group)
    const gather = gathering(world, group)
    const news = gather && world.run.options.gathering === 'smart' ? group.filter(host => !host.gathered) : group
    if (gather && news.length === group.length) return walker.steps([gather, ...play.steps], group, around)
    if (gather && news.length > 0) await walker.steps([gather], news, around)
    await walker.steps(play.steps, group, around)
  }
  const [first] = hosts
  const strategy =
    play.strategy && first ? String(world.nameSpace.names(first, world).written(play.strategy)) : 'linear'
  // with any other, every host goes at its own pace; the pool still bounds how many work at once
  if (strategy === 'linear' || strategy === 'debug') await walk(hosts)
  else await new Pool(hosts.length).each(hosts, host => walk([host]))
  if (forced(world, hosts)) await forceHandlers(world, hosts, pool, startAt, handlers)
}

/** `force_handlers`: hosts that failed still run the handlers they were told of. */
async function forceHandlers(
  world: PlayWorld,
  hosts: readonly HostState[],
  pool: Pool,
  startAt: StartAt,
  handlers: Handlers,
): Promise<void> {
  // one whose handler failed has no further one
  const fallen = hosts.filter(host => host.failure && !host.failure.task.handler)
  const kept = new Map(fallen.map(host => [host, host.failure]))
  for (const host of fallen) host.failure = undefined
  await handlers.flush(hosts, new Walker(world, pool, startAt, handlers, hosts), { atEnd: true })
  for (const [host, failure] of kept) host.failure ??= failure
}

function forced(world: PlayWorld, [first]: readonly HostState[]): boolean {
  if (world.run.options.forceHandlers) return true
  const { forceHandlers: said } = world.play
  return said !== undefined && first !== undefined && truth(world.nameSpace.names(first, world).written(said))
}

/** The fact gathering that stands before the steps of a play, where it is wanted. */
function gathering(world: PlayWorld, [first]: readonly HostState[]): Task | undefined {
  const { play } = world
  if (first === undefined) return undefined
  const names = world.nameSpace.names(first, world)
  const isWanted = play.gatherFacts
    ? truth(names.written(play.gatherFacts))
    : world.run.options.gathering !== 'explicit'
  if (!isWanted) return undefined
  const args: Record<string, unknown> = {}
  if (play.gatherSubset) args['gather_subset'] = play.gatherSubset.value
  if (play.gatherTimeout) args['gather_timeout'] = play.gatherTimeout.value
  const task: Task = {
    kind: 'task',
    id: gatheringId(play),
    at: play.at,
    name: 'Gathering Facts',
    module: 'setup',
    moduleAsWritten: 'setup',
    args,
    argAt: () => play.at,
    keywords: { ...play.keywords, tags: ['always'], when: [] },
    directory: play.directory,
    until: [],
    changedWhen: [],
    failedWhen: [],
    notify: [],
  }
  return task
}

/** Play vars, prompts, and files of variables, for one host: a file's name may hold the host's own variables. */
function ownLayers(world: PlayWorld, host: HostState, prompted: Readonly<Record<string, unknown>>): Layer[] {
  const { play, run } = world
  const layers: Layer[] = [written('play vars', 'vars of the play', play.vars.value), ...promptLayers(play, prompted)]
  const known = new Map(world.playLayers).set(host, layers)
  for (const entry of play.varsFiles) {
    const names = world.nameSpace.names(host, { ...world, playLayers: known })
    const { value, at } = run.loader.vars(firstFile(entry, path => String(names.open(path, entry.at)), play))
    layers.push(written('vars_files', `vars_files ${at.file}`, value))
  }
  return layers
}

function firstFile(entry: Written<string | readonly string[]>, open: (path: string) => string, play: Play): string {
  const candidates = typeof entry.value === 'string' ? [entry.value] : entry.value
  let missing: unknown
  for (const candidate of candidates) {
    try {
      return find(open(candidate), [play.directory, `${play.directory}/vars`])
    } catch (error) {
      missing ??= error
    }
  }
  const reason = missing instanceof Error ? missing.message : 'no file is named'
  throw missing instanceof MlopsError ? missing : new MlopsError('playbook.vars-file', reason, { at: entry.at })
}

/** The hosts of a play in the batches of `serial`, the last size for all that remain. */
function batches(world: World, play: Play, hosts: readonly HostState[]): (readonly HostState[])[] {
  const [first] = hosts
  if (play.serial.length === 0 || first === undefined) return [hosts]
  const names = world.nameSpace.names(first)
  const sizes = play.serial.flatMap(size => names.written(size)).map(size => batchSize(size, hosts.length))
  const groups: HostState[][] = []
  for (let start = 0, i = 0; start < hosts.length; i++) {
    const size = sizes[Math.min(i, sizes.length - 1)] ?? hosts.length
    groups.push(hosts.slice(start, start + size))
    start += size
  }
  return groups
}

function batchSize(size: unknown, all: number): number {
  const text = String(size)
  const count = text.endsWith('%') ? Math.floor((Number(text.slice(0, -1)) / 100) * all) : Number(text)
  return count > 0 ? Math.max(1, count) : Math.max(1, text.endsWith('%') ? 1 : all)
}
