import type { ConnectionTarget, OpenConnection } from '../connection/connection.ts'
import type { Event, HostSummary, TaskRef } from '../events.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { ModuleRegistry, State } from '../modules/module.ts'
import type { IncludeLoader, Playbook } from '../playbook/types.ts'

/** Settings of a run, from flags, `ANSIBLE_*` and ansible.cfg. */
export interface RunOptions {
  readonly inventoryDirectory?: string | undefined
  readonly limit?: string | undefined
  readonly tags: readonly string[]
  readonly skipTags: readonly string[]
  readonly extraVars: Readonly<Record<string, unknown>>
  readonly checkMode: boolean
  readonly diffMode: boolean
  readonly forks: number
  readonly verbosity: number
  readonly lookAhead: boolean
  /** `--force-handlers`. */
  readonly forceHandlers?: boolean
  /** Whether plays that do not say it gather facts; `smart`: of hosts of which none are known. */
  readonly gathering?: 'implicit' | 'explicit' | 'smart'
  readonly factCache?: FactCache | undefined
  /** False: facts are below `ansible_facts` alone. */
  readonly injectFacts?: boolean
  /** What becomes of a dictionary that is set in several places. Default `replace`. */
  readonly hashBehaviour?: 'replace' | 'merge'
  /** Settings by the names that the lookup `config` is asked for. */
  readonly config?: Readonly<Record<string, unknown>>
  /** The text of `ansible_managed`. */
  readonly managed?: string | undefined
  readonly startAtTask?: string | undefined
  /** `--step`: asked before each task. */
  readonly confirmTask?: ((name: string) => Promise<'yes' | 'no' | 'continue'>) | undefined
  /** Asked before a task does something on a host, in check mode too: the reason why it must not, or undefined. */
  readonly approve?: ((intent: Intent) => string | undefined) | undefined
  /** What an earlier run of the playbook left undone. */
  readonly resume?: Resume | undefined
  /** Told of each file and folder of the controller that a task takes to a host. */
  readonly onRead?: ((path: string) => void) | undefined
  /** `debugger` and the strategy `debug`: shows a text, then asks for a command; undefined: there is nobody any more. */
  readonly debug?: ((shown: string, prompt: string) => Promise<string | undefined>) | undefined
  /** Every task that fails is looked into, unless it says otherwise (`enable_task_debugger`). */
  readonly debugAlways?: boolean | undefined
  /** Answers `vars_prompt`. */
  readonly ask?:
    | ((prompt: { text: string; secret: boolean; default?: string | undefined; confirm: boolean }) => Promise<string>)
    | undefined
  readonly become?:
    | {
        readonly enabled: boolean
        readonly user?: string | undefined
        readonly method?: string | undefined
        readonly flags?: string | undefined
        readonly exe?: string | undefined
        readonly password?: (() => Promise<string>) | undefined
      }
    | undefined
  readonly connection: {
    readonly type?: ConnectionTarget['type'] | undefined
    readonly user?: string | undefined
    readonly port?: number | undefined
    /** Options for ssh where no variable of that kind gives others: those of `ansible_ssh_args`, `_common_args`, `_extra_args`. */
    readonly sshArgs?: { readonly [kind in 'args' | 'commonArgs' | 'extraArgs']?: string | undefined } | undefined
    /** The shell on hosts that name none. */
    readonly shell?: string | undefined
    readonly privateKeyFile?: string | undefined
    readonly password?: (() => Promise<string>) | undefined
    readonly hostKeyChecking: boolean
    readonly timeoutMs: number
    readonly knownHostsFiles?: readonly string[] | undefined
  }
}

/** Facts of hosts between runs, under the names that variables have (`ansible_os_family`). */
export interface FactCache {
  read(host: string): Readonly<Record<string, unknown>> | undefined
  write(host: string, facts: Readonly<Record<string, unknown>>): void
  forget(host: string): void
}

/** What an earlier run of a playbook left undone, by host. */
export interface Resume {
  /** True: hosts go on where they stopped. False: only handlers that have not run are remembered. */
  readonly passOver: boolean
  readonly hosts: Readonly<Record<string, Halt>>
}

/** A task of a play, as a host comes to it. */
export interface Place {
  /** Counts from 0. */
  readonly play: number
  /** Its name as written, with its role. */
  readonly task: string
  /** Counts from 1: the how many-th time that a task of this name comes to the host in this play. */
  readonly turn: number
  readonly done: boolean
}

/** Where a host stands after a run. Plain data. */
export interface Halt {
  readonly place: Place
  /** It failed, was unreachable or was interrupted. */
  readonly stopped: boolean
  /** Names that the host had registered or set. */
  readonly registered: Readonly<Record<string, unknown>>
  /** Names whose values are secret or no plain data, and so were not kept. */
  readonly lost: readonly string[]
  /** Handlers that the host was told of and that have not run. */
  readonly notified: readonly string[]
}

/** What a task is about to do. */
export interface Intent {
  readonly host: string
  /** Where it is done: another host when the task is delegated. */
  readonly on: string
  readonly task: TaskRef
  /** The task says itself whether it only looks (`check_mode`): it does the same in check mode and out of it. */
  readonly apart: boolean
  /** `changed_when: false`: by the word of the task nothing is changed. */
  readonly quiet: boolean
  readonly deed: Deed
}

/** A difference that will be made away with, or something that acts and whose outcome is known afterwards. */
export type Deed =
  | {
      readonly kind: 'bring'
      readonly from: State | undefined
      readonly to: Partial<State> | undefined
      /** What differs; `presence` for a whole that is missing or too much. */
      readonly keys: readonly string[]
    }
  | {
      readonly kind: 'act'
      readonly args: Readonly<Record<string, unknown>>
      /** SHA-1 of the files that are needed, by path; the text of a template. */
      readonly files: Readonly<Record<string, string>>
      readonly template: string | undefined
    }

export interface Run {
  readonly playbook: Playbook
  readonly inventory: Inventory
  /** Reads the inventory again (`meta: refresh_inventory`). */
  readonly reload?: (() => Inventory) | undefined
  readonly options: RunOptions
  readonly modules: ModuleRegistry
  readonly loader: IncludeLoader
  readonly open: OpenConnection
  readonly emit: (event: Event) => void
  /** Ctrl-C: remote groups are ended, the recap is true. */
  readonly signal?: AbortSignal | undefined
}

export interface RunResult {
  readonly summary: Readonly<Record<string, HostSummary>>
  readonly interrupted: boolean
  /** Where each host stands that took part: what `RunOptions.resume` takes. */
  readonly halts: Readonly<Record<string, Halt>>
  /** 0, 2 (a host failed), 4 (a host was unreachable), 99 (interrupted). */
  readonly exitStatus: 0 | 2 | 4 | 99
}
