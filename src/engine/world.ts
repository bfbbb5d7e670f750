import type { TaskRef } from '../events.ts'
import type { Play, Role, Task, Written } from '../playbook/types.ts'
import type { Layer } from '../variables/variables.ts'
import type { Connections } from './connections.ts'
import type { Extra, NameSpace, Names } from './context.ts'
import type { CustomStats } from './custom-stats.ts'
import type { Debugger } from './debugger.ts'
import type { Emitter } from './emitter.ts'
import type { Run } from './engine.ts'
import type { Growth } from './growth.ts'
import type { HostState } from './host-state.ts'
import type { Jobs } from './job.ts'
import type { PlayView } from './magic.ts'
import type { Secrets } from './mask.ts'
import type { Progress } from './progress.ts'
import type { Visits } from './visits.ts'

/** What every part of a run works with. */
export interface World {
  readonly run: Run
  readonly states: ReadonlyMap<string, HostState>
  readonly growth: Growth
  readonly nameSpace: NameSpace
  readonly connections: Connections
  readonly emitter: Emitter
  readonly secrets: Secrets
  readonly progress: Progress
  readonly jobs: Jobs
  readonly visits: Visits
  readonly debugger: Debugger
  readonly stats: CustomStats
  /** The state of any host that can be named: of the inventory, `localhost`, or one that is only delegated to. */
  readonly stateOf: (name: string) => HostState
}

/** What every step of a play works with. */
export interface PlayWorld extends World {
  readonly play: Play
  readonly view: PlayView
  /** Play vars, prompts and vars_files, per host. */
  readonly playLayers: ReadonlyMap<HostState, readonly Layer[]>
  /** Roles that `include_role` with `public` brought, whose variables the rest of the play sees. */
  readonly published: Role[]
}

/** How a step stands in its surroundings. */
export interface Surroundings {
  readonly extra: Extra
  /** A block around has a `rescue` that will take a failure. */
  readonly rescuable: boolean
  /** The steps that come after, for look-ahead. */
  readonly upcoming: () => Iterable<Upcoming>
  /** How many includes stand around it. */
  readonly depth?: number
}

export interface Upcoming {
  readonly step: import('../playbook/types.ts').Step
  readonly extra: Extra
}

export type Outcome = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable'

/** What keywords said whose texts know the item, over all turns of a loop. */
export interface LoopSayings {
  /** `no_log` of one of them, at least. */
  readonly isHidden: boolean
  /** Every failure was one to ignore. */
  readonly isIgnored: boolean
  readonly notify: readonly Written<string>[]
}

/** What became of a task on a host, before it is told and counted. */
export interface TaskOutcome {
  readonly outcome: Outcome
  readonly result: import('../modules/module.ts').Result
  readonly items?: number
  readonly said?: LoopSayings
  readonly delegatedTo?: string | undefined
  readonly ms: number
}

export interface Assignment {
  readonly ref: TaskRef
  readonly state: HostState
  readonly around: Surroundings
}

/** A task that is about to work for one host and, in a loop, one item. */
export interface Turn {
  readonly world: PlayWorld
  readonly task: Task
  readonly assignment: Assignment
  readonly names: Names
  /** Told to whom the work was delegated. */
  readonly delegated: { to?: string }
  /** Which of the lanes to its host it works on, when turns of a loop go at a time. */
  readonly lane?: number
  /** The items that come after this one, without the first `skip` of them. */
  readonly items: (skip: number) => Iterable<Upcoming>
}
