import type { Position } from './errors.ts'
import type { Result } from './modules/module.ts'

/** Ansible's words for what became of a task on a host. */
export type OutcomeKind = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable'

export interface TaskRef {
  /** Unique in a run, stable over hosts. */
  readonly id: string
  /** The name as shown, templated, with `role : ` in front where a role has it. */
  readonly name: string
  readonly module: string
  readonly at?: Position | undefined
  readonly handler?: boolean
}

export interface PlayRef {
  readonly id: string
  readonly name: string
  readonly at?: Position | undefined
}

/** The seven counters of Ansible's recap. */
export interface HostSummary {
  ok: number
  changed: number
  unreachable: number
  failed: number
  skipped: number
  rescued: number
  ignored: number
}

/** Everything the engine says, and the wire format of `--json`. `at` is in milliseconds since 1970, `ms` a duration. */
export type Event =
  | { readonly type: 'run-started'; readonly at: number; readonly playbook: string; readonly checkMode: boolean }
  | { readonly type: 'play-started'; readonly at: number; readonly play: PlayRef; readonly hosts: readonly string[] }
  | { readonly type: 'no-hosts'; readonly at: number; readonly play: PlayRef; readonly pattern: string }
  | { readonly type: 'task-started'; readonly at: number; readonly play: PlayRef; readonly task: TaskRef }
  | { readonly type: 'host-started'; readonly at: number; readonly host: string; readonly task: TaskRef }
  | {
      readonly type: 'output'
      readonly at: number
      readonly host: string
      readonly task: TaskRef
      readonly text: string
    }
  | {
      readonly type: 'item-finished'
      readonly at: number
      readonly host: string
      readonly task: TaskRef
      readonly outcome: OutcomeKind
      readonly ignored?: boolean
      readonly delegatedTo?: string
      readonly label: string
      readonly item: unknown
      readonly result: Result
    }
  | {
      readonly type: 'retry'
      readonly at: number
      readonly host: string
      readonly task: TaskRef
      readonly attemptsLeft: number
      readonly result: Result
    }
  | {
      readonly type: 'task-finished'
      readonly at: number
      readonly host: string
      readonly task: TaskRef
      readonly outcome: OutcomeKind
      readonly ignored?: boolean
      readonly rescued?: boolean
      readonly delegatedTo?: string | undefined
      readonly ms: number
      readonly items?: number
      readonly result: Result
    }
  | {
      /** A trip to a host that is over, or the opening of its line; only where somebody asks where time goes. */
      readonly type: 'trip'
      readonly at: number
      readonly host: string
      readonly phase: 'connect' | 'look' | 'change' | 'transfer'
      readonly ms: number
      readonly roundTrips: number
      readonly bytesSent: number
      readonly bytesReceived: number
    }
  | { readonly type: 'handler-notified'; readonly at: number; readonly host: string; readonly handler: string }
  | {
      readonly type: 'included'
      readonly at: number
      readonly file: string
      /** The item of a looped include. */
      readonly label?: string
      readonly hosts: readonly string[]
      readonly task: TaskRef
    }
  | {
      readonly type: 'warning'
      readonly at: number
      readonly message: string
      readonly host?: string | undefined
      readonly where?: Position | undefined
    }
  | {
      readonly type: 'run-finished'
      readonly at: number
      readonly ms: number
      readonly interrupted: boolean
      readonly summary: Readonly<Record<string, HostSummary>>
      /** What `set_stats` gathered: `_run`, or the name of a host → name → value. */
      readonly stats?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
      readonly connections: Readonly<
        Record<string, { roundTrips: number; bytesSent: number; bytesReceived: number; connectMs: number }>
      >
    }

export interface Reporter {
  /** Never throws and never waits: a slow reader must not slow the hosts down. */
  on(event: Event): void
  close(): Promise<void>
}
