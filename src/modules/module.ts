import type { ScriptResult, Upload } from '../connection/connection.ts'
import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import type { Script } from '../shell/sh.ts'

/** Data as it comes from YAML and JSON, without templates. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain }

/** What is, or what shall be, on a host: plain data. Undefined stands for "absent". */
export type State = { readonly [key: string]: Plain | undefined }

/** The registered result of a step, in Ansible's keys. */
export type Result = {
  changed?: boolean
  failed?: boolean
  skipped?: boolean
  msg?: string
  rc?: number
  diff?: Diff | readonly Diff[]
} & {
  [key: string]: unknown
}

/** What `--diff` shows, in Ansible's keys. Headers are paths; a text is shown as a unified diff, data line by line. */
export interface Diff {
  readonly before_header?: string
  readonly after_header?: string
  readonly before: string | State
  readonly after: string | State
}

/** A file on the controller, found on Ansible's search path for the task. Sorted by `path`; `path` is relative to the source, '' for a single file. */
export interface LocalFile {
  readonly path: string
  readonly file: string
  readonly kind: 'file' | 'directory' | 'link'
  readonly mode: number
  readonly sizeBytes: number
  /** SHA-1 in hex of the content; '' for directories; the link's target for links. Of a large file it may be made when asked for. */
  readonly sha1: string
  /** The content; reads the disk when called. */
  readonly read: () => Uint8Array
  /** The file is encrypted: what goes to the host is what `read` gives, not what is on the disk. */
  readonly decrypted?: boolean
}

/** What a module asks of the controller before it looks. Resolved by the engine. */
export interface Needs {
  /** Files or trees: search folder `files` for copy, `templates` for template. A trailing `/` in `src` has Ansible's meaning. */
  readonly files?: {
    readonly src: string
    readonly searchIn: 'files' | 'templates'
    readonly tree?: boolean
    /** True: what links in a tree point to is given in their place. */
    readonly followLinks?: boolean
    /** False: encrypted files stay as they are. */
    readonly decrypt?: boolean
  }
  /** A template to render with the host's variables. */
  readonly template?: {
    readonly src: string
    readonly trimBlocks: boolean
    readonly lstripBlocks: boolean
    readonly newline: string
    /** What opens and closes parts of the template, where it is not the usual. */
    readonly marks?: Readonly<Record<`${'block' | 'variable' | 'comment'}${'Start' | 'End'}`, string | undefined>>
    /** One of Python's encodings. */
    readonly encoding?: string
    /** Where the text goes, as the template itself may want to know. */
    readonly destination?: string
  }
}

/** How the task's host is reached by a program that runs elsewhere (`ActionModule.between`). */
export interface Line {
  /** `same`: the program runs on the host itself. */
  readonly type: 'ssh' | 'docker' | 'same'
  /** Whether the program runs on the controller: what lies there (keys, known hosts) can be used. */
  readonly fromController: boolean
  readonly address: string
  readonly port?: number | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly privateKeyFile?: string | undefined
  readonly knownHostsFiles: readonly string[]
  readonly sshArgs: readonly string[]
  readonly hostKeyChecking: boolean
  /** Who is to be become there. */
  readonly become?: { readonly method: string; readonly user: string } | undefined
  /** A path of the side where the program runs; a relative one is looked for where Ansible looks for files. */
  readonly local: (path: string) => string
}

/** What the engine gives to every function of a module beside its arguments. */
export interface Inputs {
  /** Answers of `needs.files`: the files found; `root` says whether the source was a directory. */
  readonly files?: {
    readonly root: 'file' | 'directory'
    readonly source: string
    readonly entries: readonly LocalFile[]
  }
  /** Answer of `needs.template`: the rendered text, its bytes, and the template's path and permission bits. */
  readonly template?: {
    readonly text: string
    readonly bytes?: Uint8Array
    readonly source: string
    readonly mode?: number
  }
  readonly checkMode: boolean
  readonly diffMode: boolean
  readonly host: { readonly name: string; readonly address: string; readonly connection: string }
  /** Answer of `between`. */
  readonly line?: Line
  /** Facts known so far (without the `ansible_` prefix), for modules that choose by them (package, service). */
  readonly facts: Readonly<Record<string, unknown>>
}

/** What makes the difference go away: files first, then the script. */
export interface Change {
  readonly script?: Script
  /** Makes the folders that uploads go to. */
  readonly prepare?: Script
  /** Placed before the script runs, at hidden temporary names beside their targets; the script moves them. */
  readonly uploads?: readonly Upload[]
  /** Takes away what was placed when one of the uploads cannot be. */
  readonly undo?: Script
  readonly stdin?: string
  /** True: the script starts nothing that outlives it, so it needs no session of its own. */
  readonly light?: boolean
}

export interface ModuleBase<T extends ArgTable> {
  readonly summary: string
  /** A paragraph for the reference page, where the summary is not enough. */
  readonly details?: string
  readonly args: T
  /** True: arguments are free names (`set_fact`, scripts of people's own), not checked against the table. */
  readonly freeArgs?: boolean
  /** The argument that takes free-form text (`command: ls -l`), if any. */
  readonly freeForm?: keyof T & string
  /** Checks between arguments (mutually exclusive, required together …): one message each. Called with what is known at load time too, so absent is fine. */
  readonly check?: (args: Partial<ArgsOf<T>>) => readonly string[]
  /** Done once for all hosts of a step, by the first of them (`pause`, `add_host`). */
  readonly once?: boolean
  /** YAML of a task list; loaded by a test and shown in the docs. */
  readonly examples: string
  /** What is registered beside changed, failed, msg: key → meaning. */
  readonly returnDocs?: Readonly<Record<string, string>>
}

/**
 * A module that brings a state: look, want, change. Check mode, diff, verification and look-ahead come from the shape.
 * `S` is the shape of the state.
 */
export interface StateModule<T extends ArgTable, S extends State> extends ModuleBase<T> {
  readonly kind: 'state'
  needs?(args: ArgsOf<T>): Needs
  /** A script that leaves the host as it was. Run again after a change. */
  look(args: ArgsOf<T>, inputs: Inputs): Script
  /** The state that the look shows. Throws `ModuleFailure` when the look itself says that the task cannot be done. */
  read(output: ScriptResult, args: ArgsOf<T>, inputs: Inputs): S | undefined
  /** The wanted state: only keys that matter are given; a key given as undefined is not compared. Undefined: absent is wanted. May throw `ModuleFailure`. */
  want(args: ArgsOf<T>, state: S | undefined, inputs: Inputs): Partial<S> | undefined
  /** How to get there. `from` is what was seen. May throw `ModuleFailure`. */
  change(args: ArgsOf<T>, step: { from: S | undefined; to: Partial<S> | undefined }, inputs: Inputs): Change
  /** Keys to compare differently than by deep equality. */
  readonly same?: { readonly [K in keyof S]?: (is: S[K], want: S[K]) => boolean }
  /** Before and after for `--diff`; by default both states as YAML. */
  diff?(
    args: ArgsOf<T>,
    step: { from: S | undefined; to: Partial<S> | undefined },
    inputs: Inputs,
  ): Diff | readonly Diff[] | undefined
  /**
   * Registered keys. `to` is what was seen last (after a change: the second look); `output` is the change script's, when it ran.
   * `changed: false` after a change: it turned out to have nothing to do (package lists that were fresh); the outcome is ok.
   */
  returns?(
    args: ArgsOf<T>,
    step: { from: S | undefined; to: S | undefined; changed: boolean; output?: ScriptResult },
    inputs: Inputs,
  ): Result
  /** False: what the change did is not looked at again (the state cannot show it, as with a cache update). */
  readonly verify?: boolean
}

/** A module that only acts (command, shell, uri, wait_for, reboot …). */
export interface ActionModule<T extends ArgTable> extends ModuleBase<T> {
  readonly kind: 'action'
  needs?(args: ArgsOf<T>): Needs
  /**
   * Whether it does anything at all, decided by a look (`creates`, `removes`): `skip` returns the result when there is nothing to do.
   * Modules with such a look take part in look-ahead when `mayLookAhead` says so.
   */
  guard?(
    args: ArgsOf<T>,
    inputs: Inputs,
  ): { readonly look: Script; skip(output: ScriptResult): Result | undefined } | undefined
  /** The line is opened anew, after a delay, again and again for that long (`wait_for_connection`). The engine adds `elapsed`, in seconds. */
  reconnects?(args: ArgsOf<T>): { readonly delayMs: number; readonly timeoutMs: number; readonly sleepMs: number }
  /**
   * What ran sends the host down (`reboot`): the line is opened anew and `probe` run, again and again, until its answer says that
   * the host is back. Undefined: the host stays up. The engine adds `elapsed`, in seconds.
   */
  restarts?(
    args: ArgsOf<T>,
    result: Result,
  ):
    | {
        readonly probe: Script
        isBack(output: ScriptResult): boolean
        readonly delayMs: number
        readonly sleepMs: number
        readonly timeoutMs: number
      }
    | undefined
  /**
   * What it runs works between two hosts (`synchronize`): it runs on the controller, or on the host that the task is delegated to, and is
   * told by `inputs.line` how the task's own host is reached.
   */
  readonly between?: boolean
  /** A file of the host that the controller keeps (`fetch`). `sha1` is that of the host's file; the engine reads it only when `to` is another one. */
  saves?(
    args: ArgsOf<T>,
    result: Result,
    inputs: Inputs,
  ): { readonly from: string; readonly to: string; readonly sha1: string } | undefined
  /** The job of an `async` task that is asked about (`async_status`): the engine adds what it knows of it. */
  asksJob?(args: ArgsOf<T>): string | undefined
  /** What runs. In check mode only when `runsInCheckMode`. */
  act(args: ArgsOf<T>, inputs: Inputs): Change & { readonly timeoutMs?: number }
  read(output: ScriptResult, args: ArgsOf<T>, inputs: Inputs): Result
  /** True or a function of the arguments: reads only (ping, stat, setup, uri GET …): runs in check mode and may be looked ahead. */
  readonly readOnly?: boolean | ((args: ArgsOf<T>) => boolean)
  /** `act` makes a script that changes nothing (or none) when `inputs.checkMode` is set, and says what it would do. */
  readonly runsInCheckMode?: boolean
}

/** A module that runs on the controller (debug, set_fact, assert, fail). */
export interface ControllerModule<T extends ArgTable> extends ModuleBase<T> {
  readonly kind: 'controller'
  /** Files of variables that it asks for (`include_vars`); the answer is `varsFiles` of the inputs. */
  varsFiles?(args: ArgsOf<T>): {
    readonly file?: string | undefined
    readonly dir?: string | undefined
    readonly depth: number
    readonly files_matching?: string | undefined
    readonly ignore_files: readonly string[]
    readonly extensions: readonly string[]
    readonly ignore_unknown_extensions: boolean
  }
  /** Names of arguments that hold expressions (`that`, `var`): given as text, opened through `expression`. */
  readonly expressions?: readonly string[]
  run(args: ArgsOf<T> & Readonly<Record<string, unknown>>, controller: ControllerInputs): Result
}

export interface ControllerInputs extends Inputs {
  /** Opens an expression with the host's variables. Throws MlopsError for undefined names. */
  readonly expression: (text: string) => unknown
  /** Whether the expression holds, as `when` sees it. */
  readonly test: (text: string) => boolean
  readonly verbosity: number
  /** Variables as they are written, each dictionary merged with the one that the host has under that name. */
  readonly merged?: (vars: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>
  /** Answer of `varsFiles`: paths, and what stands there. */
  readonly varsFiles?: readonly { readonly file: string; readonly vars: Readonly<Record<string, unknown>> }[]
}

// biome-ignore lint/suspicious/noExplicitAny: the registry holds modules of every argument and state type
export type Module = StateModule<any, any> | ActionModule<any> | ControllerModule<any>

/** Thrown by a module's functions when the task cannot be done: an outcome of the host, not a bug. `result` is registered. */
export class ModuleFailure extends Error {
  override readonly name = 'ModuleFailure'
  readonly result: Result
  constructor(message: string, result: Result = {}) {
    super(message)
    this.result = result
  }
}

/** Whether a step of the module can run as a job on its host (`async`): not what works here, waits for its host, sends it down, or brings files back. */
export function runsAsync(module: Module): boolean {
  if (module.kind === 'state') return true
  if (module.kind === 'controller') return false
  return !(module.once || module.reconnects || module.restarts || module.saves || module.asksJob)
}

export function defineState<const T extends ArgTable, S extends State>(
  module: Omit<StateModule<T, S>, 'kind'>,
): StateModule<T, S> {
  return { kind: 'state', ...module }
}

export function defineAction<const T extends ArgTable>(module: Omit<ActionModule<T>, 'kind'>): ActionModule<T> {
  return { kind: 'action', ...module }
}

export function defineController<const T extends ArgTable>(
  module: Omit<ControllerModule<T>, 'kind'>,
): ControllerModule<T> {
  return { kind: 'controller', ...module }
}

/** Modules by bare name, with the full names they answer to. Loaded when first asked for. */
export interface ModuleRegistry {
  /** The module of a bare (`copy`) or full name (`ansible.builtin.copy`), or undefined. */
  find(name: string): Module | undefined
  /** Bare names, sorted. */
  names(): readonly string[]
}
