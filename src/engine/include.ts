import { MlopsError } from '../errors.ts'
import type { TaskRef } from '../events.ts'
import type { Include, Step } from '../playbook/types.ts'
import type { Extra } from './context.ts'
import { failHosts } from './fail-hosts.ts'
import type { Handlers } from './handlers.ts'
import type { HostState } from './host-state.ts'
import { type IncludeTurn, includeResult } from './include-result.ts'
import { find, searchFolders } from './local-files.ts'
import { loopItems } from './loop.ts'
import { isIgnored } from './shown-result.ts'
import type { StartAt } from './start-at.ts'
import { truth } from './truth.ts'
import type { PlayWorld, Surroundings } from './world.ts'

/** The steps of an include, and the hosts that do them. */
export interface OpenedInclude {
  readonly steps: readonly Step[]
  readonly hosts: readonly HostState[]
  readonly extra: Extra
}

interface Want {
  readonly target: string
  readonly extra: Extra
  readonly host: HostState
  /** Of the item, when the include loops. */
  readonly label?: string
}

/** Far more than anybody nests, and far less than the stack of Node.js holds. */
const MOST_NESTED = 500

function endless({ at }: Include, target: string): MlopsError {
  return new MlopsError('playbook.endless-include', `${target} is included within includes ${MOST_NESTED} deep`, {
    at,
    hint: 'a file that includes itself needs a `when` that ends it',
  })
}

/** Opens `include_tasks` and `include_role` while playing. */
export class Includes {
  readonly #world: PlayWorld
  readonly #handlers: Handlers
  readonly #startAt: StartAt

  constructor(world: PlayWorld, handlers: Handlers, startAt: StartAt) {
    this.#world = world
    this.#startAt = startAt
    this.#handlers = handlers
  }

  /** What each host includes; hosts that include the same with the same variables go together. A host that cannot say fails. */
  open(include: Include, ref: TaskRef, hosts: readonly HostState[], around: Surroundings): OpenedInclude[] {
    const groups = new Map<string, Want[]>()
    for (const host of hosts) {
      const wanted = new Map<string, number>()
      for (const want of this.#wants(include, ref, host, around)) {
        const what = `${want.target}\n${JSON.stringify(want.extra)}`
        const times = wanted.get(what) ?? 0
        wanted.set(what, times + 1)
        const key = `${times} ${what}`
        const group = groups.get(key)
        if (group) group.push(want)
        else groups.set(key, [want])
      }
    }
    return [...groups.values()].flatMap(group => this.#load(include, ref, group, around))
  }

  #wants(include: Include, ref: TaskRef, host: HostState, around: Surroundings): Want[] {
    const world = this.#world
    const plain = world.nameSpace.names(host, world, include, around.extra)
    try {
      const items = include.loop ? (loopItems(include, plain) ?? [undefined]) : [undefined]
      const turns: IncludeTurn[] = []
      const wants = items.flatMap(item => {
        const loop = item ? { ...around.extra.loop, ...item.vars } : around.extra.loop
        const vars = include.vars ? [...(around.extra.include ?? []), include.vars] : around.extra.include
        const extra: Extra = { ...around.extra, ...(loop ? { loop } : {}), ...(vars ? { include: vars } : {}) }
        const names = world.nameSpace.names(host, world, include, extra)
        if (!include.keywords.when.every(condition => names.test(condition))) {
          if (item && !this.#startAt.missed) this.#skipItem(ref, host, item.label(names), item.value)
          turns.push({ item, target: undefined })
          return []
        }
        const target = String(names.written(include.target))
        turns.push({ item, target, options: () => names.open(include.options) as Record<string, unknown> }) // stays an object
        return [{ target, extra, host, ...(item ? { label: item.label(names) } : {}) }]
      })
      // on the way to `--start-at-task` what cannot be opened, or is not wanted, is passed in silence
      if (this.#startAt.missed) return wants
      if (include.register !== undefined) host.registered[include.register] = includeResult(include, turns)
      if (wants.length === 0) this.#skip(ref, host)
      return wants
    } catch (error) {
      const { register } = include
      const ignored = isIgnored(include, plain)
      failHosts(world, ref, [host], error, { ...around, register, ignored, silent: this.#startAt.missed })
      return []
    }
  }

  #load(include: Include, ref: TaskRef, group: readonly Want[], around: Surroundings): OpenedInclude[] {
    const [first] = group
    if (first === undefined) return []
    const hosts = group.map(want => want.host)
    try {
      if ((around.depth ?? 0) >= MOST_NESTED) throw endless(include, first.target)
      const opened = this.#steps(include, first)
      // Ansible counts the include of a file, not that of a role
      if (include.what === 'tasks' && !this.#startAt.missed) for (const host of hosts) host.summary.ok++
      for (const host of hosts) host.did(include)
      this.#world.emitter.say({
        type: 'included',
        file: opened.file,
        ...(first.label === undefined ? {} : { label: first.label }),
        hosts: hosts.map(host => host.name),
        task: ref,
      })
      return [{ steps: opened.steps, hosts, extra: first.extra }]
    } catch (error) {
      failHosts(this.#world, ref, hosts, error, { ...around, silent: this.#startAt.missed })
      return []
    }
  }

  #steps(include: Include, { target, host, extra }: Want): { file: string; steps: readonly Step[] } {
    const { loader } = this.#world.run
    if (include.what === 'tasks') {
      const file = find(target, searchFolders(include, this.#world.play, 'tasks'))
      const { steps, handlers } = loader.tasks(file, include)
      this.#handlers.add(handlers, extra)
      return { file, steps }
    }
    const names = this.#world.nameSpace.names(host, this.#world, include, extra)
    const options = names.open(include.options) as Record<string, unknown> // an object stays an object
    const given = { vars: extra.include, turn: extra.loop }
    const { role, steps, handlers } = loader.role(target, { ...include, options }, given)
    this.#handlers.add(handlers, extra)
    if (truth(options['public'])) this.#world.published.push(role)
    return { file: target, steps }
  }

  #skipItem(task: TaskRef, { name: host }: HostState, label: string, item: unknown): void {
    const result = { changed: false, skipped: true }
    this.#world.emitter.say({ type: 'item-finished', host, task, outcome: 'skipped', label, item, result })
  }

  #skip(ref: TaskRef, host: HostState): void {
    host.summary.skipped++
    this.#world.emitter.say({
      type: 'task-finished',
      host: host.name,
      task: ref,
      outcome: 'skipped',
      ms: 0,
      result: { changed: false, skipped: true },
    })
  }
}
