import type { Position } from '../errors.ts'

/** A value as it was written: data that may hold templates, and its place. */
export interface Written<T = unknown> {
  readonly value: T
  readonly at: Position
}

/** An expression (`when: x == 1`), without braces, or a boolean that was written as such. */
export type Condition = Written<string | boolean>

/**
 * Keywords in force for a task after inheritance (play → block → … → task; an included file inherits from its include).
 * Values may still be templates; they are opened per host. Absent: not said anywhere.
 */
export interface Keywords {
  /** Conditions of the task and of every block around it, outermost first. All must hold. */
  readonly when: readonly Condition[]
  /** Union over all levels. */
  readonly tags: readonly string[]
  /** Vars of play-independent levels, outermost first: blocks, include, task. Inner ones win. */
  readonly vars: readonly Written<Readonly<Record<string, unknown>>>[]
  /** Outermost first; inner ones win per name. Play, block, task. A value may be a dict, a list of dicts, or a template that gives one. */
  readonly environment: readonly Written[]
  /** Outermost first: module name (or `group/…`) → default arguments. */
  readonly moduleDefaults: readonly Written<Readonly<Record<string, unknown>>>[]
  readonly become?: Written
  readonly becomeUser?: Written
  readonly becomeMethod?: Written
  readonly becomeFlags?: Written
  readonly becomeExe?: Written
  readonly remoteUser?: Written
  readonly connection?: Written
  readonly port?: Written
  readonly delegateTo?: Written
  readonly delegateFacts?: Written
  readonly runOnce?: Written
  readonly ignoreErrors?: Written
  readonly ignoreUnreachable?: Written
  readonly anyErrorsFatal?: Written
  readonly checkMode?: Written
  readonly diff?: Written
  readonly noLog?: Written
  readonly throttle?: Written
  readonly timeout?: Written
  /** `always`, `never`, `on_failed`, `on_unreachable`, `on_skipped`. */
  readonly debugger?: Written
}

/** A role that is in use: where its files are. One object per use, as parameters may differ. */
export interface Role {
  readonly name: string
  readonly path: string
  readonly defaults: readonly Written<Readonly<Record<string, unknown>>>[]
  readonly vars: readonly Written<Readonly<Record<string, unknown>>>[]
  /** `vars` where the role is used. As in Ansible they count like those of its files, and where these are seen: in the whole play. */
  readonly useVars: readonly Written<Readonly<Record<string, unknown>>>[]
  /** Parameters given where the role is used (`roles: [{role: x, port: 80}]`): above what is set while playing. */
  readonly params: readonly Written<Readonly<Record<string, unknown>>>[]
  /** Roles this one depends on, and the role that used this one. */
  readonly dependencies: readonly Role[]
  readonly parent?: Role
  /** Uses with the same key are one: a host does it once in a play. Absent: each time. */
  readonly useKey?: string
}

/** Loop of a task. `items` is the written value; `kind` is `loop`, or the lookup's name of `with_NAME`. */
export interface Loop {
  readonly kind: string
  readonly items: Written
  readonly control: {
    readonly loopVar: string
    readonly indexVar?: string
    readonly label?: Written
    readonly pause?: Written
    readonly extended?: boolean
    readonly breakWhen: readonly Condition[]
    /** How many turns of one host go at a time. */
    readonly parallel?: Written
  }
}

interface Common {
  /** Unique in the run. */
  readonly id: string
  readonly at: Position
  readonly keywords: Keywords
  /** The role whose file it stands in. */
  readonly role?: Role
  /** Folder of the file it stands in, for searching `files/`, `templates/` and includes. */
  readonly directory: string
}

/** One step. */
export interface Task extends Common {
  readonly kind: 'task'
  /** As written; may hold templates. Absent: the module's name is shown. */
  readonly name?: string
  /** Bare name of a known module (`copy`), whatever was written. */
  readonly module: string
  /** The name as written (`ansible.builtin.copy`). */
  readonly moduleAsWritten: string
  /** `action: "{{ … }}"`: gives the module's name for each host; `module` is `action` then. */
  readonly moduleTemplate?: Written<string>
  /** Arguments as written (after `args:` was merged and key=value text was parsed); may hold templates. Free-form text stands under the module's free-form argument. */
  readonly args: Readonly<Record<string, unknown>>
  /** Where an argument stands; without a name, where the task's module key stands. */
  argAt(name?: string): Position
  /** `args: "{{ dict }}"`: a template that gives further arguments. */
  readonly argsTemplate?: Written<string>
  readonly loop?: Loop
  readonly register?: string
  readonly until: readonly Condition[]
  readonly retries?: Written
  readonly delay?: Written
  readonly changedWhen: readonly Condition[]
  readonly failedWhen: readonly Condition[]
  /** Names or topics, may hold templates. */
  readonly notify: readonly Written<string>[]
  readonly async?: Written
  readonly poll?: Written
}

/** A step that is done when it is notified. An include brings tasks that are all done then. */
export type Handler = (Task | Include | Meta) & { readonly listen: readonly Written<string>[] }

/** `block`, `rescue`, `always`. A block without rescue, always and loop is dissolved by the loader. */
export interface Block extends Common {
  readonly kind: 'block'
  readonly name?: string
  /** The whole of it is done for each item. */
  readonly loop?: Loop
  readonly block: readonly Step[]
  readonly rescue: readonly Step[]
  readonly always: readonly Step[]
}

/** `include_tasks`, `include_role`: opened while playing, per host. */
export interface Include extends Common {
  readonly kind: 'include'
  readonly name?: string
  /** As the playbook has it (`ansible.builtin.include_tasks`), for output. */
  readonly moduleAsWritten: string
  readonly what: 'tasks' | 'role'
  /** File or role name; may hold templates. */
  readonly target: Written<string>
  /** Role options as written: tasks_from, vars_from, defaults_from, handlers_from, public, allow_duplicates, apply (both). */
  readonly options: Readonly<Record<string, unknown>>
  /** Its own `vars`: above facts for what is included. */
  readonly vars?: Written<Readonly<Record<string, unknown>>>
  readonly loop?: Loop
  readonly register?: string
}

/** `meta: …`, with a task's keywords (`when`). */
export interface Meta extends Common {
  readonly kind: 'meta'
  readonly name?: string
  readonly verb:
    | 'flush_handlers'
    | 'refresh_inventory'
    | 'noop'
    | 'clear_facts'
    | 'clear_host_errors'
    | 'end_play'
    | 'end_host'
    | 'end_batch'
    | 'end_role'
    | 'reset_connection'
}

export type Step = Task | Block | Include | Meta

/** `vars_prompt`. */
export interface VarsPrompt {
  readonly name: string
  /** May hold templates, as the default. */
  readonly prompt: Written<string>
  readonly private: boolean
  readonly default?: Written<string>
  readonly confirm: boolean
  /** The answer is never opened as a template. */
  readonly unsafe: boolean
  /** The variable holds a hash of the answer. */
  readonly encrypt?: {
    readonly kind: string
    readonly salt: string | undefined
    readonly saltSize: number | undefined
  }
}

export interface Play {
  readonly id: string
  readonly name: string
  readonly at: Position
  /** As written: a pattern, or a template that gives one. Lists are joined by `:`. */
  readonly hosts: Written<string>
  readonly gatherFacts?: Written
  readonly gatherSubset?: Written
  readonly gatherTimeout?: Written
  readonly strategy?: Written<string>
  /** Batch sizes: numbers or per cents, in order. */
  readonly serial: readonly Written[]
  readonly maxFailPercentage?: Written
  readonly order?: Written<string>
  readonly forceHandlers?: Written
  readonly vars: Written<Readonly<Record<string, unknown>>>
  /** Each entry: one file, or the first that exists of a list. */
  readonly varsFiles: readonly Written<string | readonly string[]>[]
  readonly varsPrompt: readonly VarsPrompt[]
  /** Keywords of the play itself, which its tasks have inherited already; used for fact gathering. */
  readonly keywords: Keywords
  /** Roles in order of `roles:`, dependencies first; their vars and defaults are visible to the whole play. */
  readonly roles: readonly Role[]
  /** In the order Ansible plays them: pre_tasks, (flush), roles' tasks, tasks, (flush), post_tasks, (flush). Flushes stand as meta steps. */
  readonly steps: readonly Step[]
  readonly handlers: readonly Handler[]
  readonly directory: string
}

export interface Playbook {
  readonly file: string
  readonly directory: string
  readonly plays: readonly Play[]
}

/** Opens included files while playing; found files are read once a run. Throws MlopsError(s). */
export interface IncludeLoader {
  /** Steps of a task file, and the handlers of roles that it imports; `found` is its absolute path. Everything in it inherits from the include (and its `apply`). */
  tasks(file: string, include: Include): { readonly steps: readonly Step[]; readonly handlers: readonly Handler[] }
  /** Steps and handlers of a role; `given` are variables and turns that tell this include of it from others (`allow_duplicates`). */
  role(
    name: string,
    include: Include,
    given: unknown,
  ): { readonly role: Role; readonly steps: readonly Step[]; readonly handlers: readonly Handler[] }
  /** Variables of a YAML or JSON file (vars_files, include_vars). */
  vars(file: string): Written<Readonly<Record<string, unknown>>>
}
