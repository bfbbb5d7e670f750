import {
  type Become,
  type Connection,
  ConnectionError,
  type ScriptRequest,
  type ScriptResult,
} from '../connection/connection.ts'
import {
  type ActionModule,
  type Change,
  type Inputs,
  ModuleFailure,
  type State,
  type StateModule,
} from '../modules/module.ts'
import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import type { Script } from '../shell/sh.ts'
import { differing } from './difference.ts'
import type { Deed } from './engine.ts'
import { keep } from './kept-file.ts'
import { chained, changeKey, type Done, type Link } from './link.ts'
import { looseDiff } from './state-text.ts'
import { describe, expected, failed, finish, firstLine, maybe, type StepResult, timedOut } from './step-result.ts'

export type { StepResult } from './step-result.ts'

type ArgValues = ArgsOf<ArgTable>

/** As whom, where and how long the scripts of one step run. */
export interface PerformOptions {
  readonly become?: Become | undefined
  readonly environment?: Readonly<Record<string, string>> | undefined
  readonly checkMode: boolean
  readonly diffMode: boolean
  readonly timeoutMs?: number | undefined
  /** The folder that files kept on the controller are relative to. */
  readonly folder?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly onOutput?: ((chunk: string) => void) | undefined
  /** What the look answered already, when it was sent ahead of its turn. */
  readonly seen?: ScriptResult | undefined
  /** Looks of later tasks, to ride behind this step's own scripts; asked for when something is sent anyway. */
  readonly ahead?: ((behind: 'look' | 'change', links: number) => readonly ScriptRequest[]) | undefined
  /** Runs the scripts that act, and the look behind them, in a job of their own. */
  readonly job?: ((requests: readonly ScriptRequest[]) => Promise<readonly ScriptResult[]>) | undefined
  /** Turns of a loop that can go with this step's change; asked for before anything changes. */
  readonly links?: (() => readonly Link[]) | undefined
  readonly onLinks?: ((done: Map<string, Done>) => void) | undefined
  /** This step went with the change of an earlier turn. */
  readonly done?: Done | undefined
  /** Asked before something is done, in check mode too: the reason why it must not be done. */
  readonly approve?: ((deed: Deed) => string | undefined) | undefined
  /** Called before anything may change the host: what was seen ahead is void from here on. */
  readonly onChange?: (() => void) | undefined
  /** Answers to the `ahead` requests. */
  readonly onAhead?: ((results: readonly ScriptResult[]) => void) | undefined
}

export type RemoteModule = StateModule<ArgTable, State> | ActionModule<ArgTable>

/** The script that only looks, if the step begins with one: what look-ahead may send before its turn. */
export function lookOf(module: RemoteModule, args: ArgValues, inputs: Inputs): Script | undefined {
  if (module.kind === 'state') return module.look(args, inputs)
  const guard = module.guard?.(args, inputs)
  if (guard) return guard.look
  if (!readsOnly(module, args)) return undefined
  const { script, uploads, stdin } = module.act(args, inputs)
  return uploads?.length || stdin !== undefined ? undefined : script
}

/** Brings one module's step to one host: look, compare, change, look again. Rejects only with `ConnectionError`. */
export async function perform(
  module: RemoteModule,
  args: ArgValues,
  inputs: Inputs,
  connection: Connection,
  options: PerformOptions,
): Promise<StepResult> {
  try {
    const performer = new Performer(connection, options)
    return module.kind === 'state'
      ? await performer.bring(module, args, inputs)
      : await performer.act(module, args, inputs)
  } catch (error) {
    if (error instanceof ModuleFailure) return failed(error.message, error.result)
    throw error
  }
}

class Performer {
  readonly #connection: Connection
  readonly #options: PerformOptions

  constructor(connection: Connection, options: PerformOptions) {
    this.#connection = connection
    this.#options = options
  }

  async bring(module: StateModule<ArgTable, State>, args: ArgValues, inputs: Inputs): Promise<StepResult> {
    const lookScript = module.look(args, inputs)
    const seen = this.#options.seen ?? (await this.#look(lookScript))
    if (seen.timedOut) return timedOut(seen, this.#options.timeoutMs)
    const from = module.read(seen, args, inputs)
    const to = module.want(args, from, inputs)
    const keys = differing(from, to, module.same)
    const { done } = this.#options
    const change = done?.deed === undefined || keys.length === 0 ? undefined : module.change(args, { from, to }, inputs)
    // what went along is not what is wanted now: it was made of a file that an earlier turn wrote
    if (done?.deed !== undefined && done.deed !== (change && changeKey(change)))
      return new Performer(this.#connection, { ...this.#options, seen: undefined, done: undefined }).bring(
        module,
        args,
        inputs,
      )
    if (keys.length === 0) return finish('ok', module.returns?.(args, { from, to: from, changed: false }, inputs))
    this.#ask({ kind: 'bring', from, to, keys })
    const diff = this.#options.diffMode
      ? module.diff
        ? module.diff(args, { from, to }, inputs)
        : looseDiff(from, to)
      : undefined
    if (this.#options.checkMode) {
      return finish('changed', module.returns?.(args, { from, to: expected(from, to), changed: true }, inputs), diff)
    }
    const verify = module.verify !== false
    const [output, after] =
      done !== undefined && change !== undefined
        ? [done.output, done.after]
        : await this.#change(module.change(args, { from, to }, inputs), verify ? lookScript : undefined)
    if (output?.timedOut) return timedOut(output, this.#options.timeoutMs)
    if (output && output.status !== 0) {
      return failed(firstLine(output.stderr) || firstLine(output.stdout) || `exit status ${output.status}`, {
        rc: output.status,
        stdout: output.stdout,
        stderr: output.stderr,
      })
    }
    if (!verify || after === undefined) {
      const unseen = module.returns?.(args, { from, to: expected(from, to), changed: true, ...maybe(output) }, inputs)
      return finish(unseen?.changed === false ? 'ok' : 'changed', unseen, diff)
    }
    const now = module.read(after, args, inputs)
    const left = differing(now, to, module.same)
    const result = module.returns?.(args, { from, to: now, changed: true, ...maybe(output) }, inputs)
    if (left.length > 0) {
      return failed(
        `still not as wanted after the change: ${left.map(key => describe(key, now, to, module.args)).join(', ')}`,
        {
          ...result,
          ...(output ? { stdout: output.stdout, stderr: output.stderr } : {}),
        },
      )
    }
    return finish(result?.changed === false ? 'ok' : 'changed', result, diff)
  }

  async act(module: ActionModule<ArgTable>, args: ArgValues, inputs: Inputs): Promise<StepResult> {
    const readOnly = readsOnly(module, args)
    const guard = module.guard?.(args, inputs)
    if (guard) {
      const seen = this.#options.seen ?? (await this.#look(guard.look))
      const nothingToDo = guard.skip(seen)
      if (nothingToDo) return finish(nothingToDo.skipped ? 'skipped' : 'ok', nothingToDo)
    }
    if (!readOnly) this.#ask(deedOf(args, inputs))
    if (this.#options.checkMode && !readOnly && !module.runsInCheckMode) {
      return guard
        ? finish('changed', { msg: 'Command would have run if not in check mode' })
        : { outcome: 'skipped', result: { changed: false, skipped: true, msg: 'skipped, running in check mode' } }
    }
    const ahead = readOnly && !guard ? this.#options.seen : undefined
    const change = module.act(args, inputs)
    const [output = nothingSaid] = ahead
      ? [ahead]
      : await this.#change(change, undefined, {
          quiet: readOnly || (!change.script && !change.uploads?.length),
          timeoutMs: change.timeoutMs,
        })
    if (output.timedOut) return timedOut(output, this.#options.timeoutMs)
    const result = module.read(output, args, inputs)
    if (result.failed) return { outcome: 'failed', result: { changed: false, ...result } }
    if (result.skipped) return { outcome: 'skipped', result: { changed: false, ...result } }
    const save = module.saves?.(args, result, inputs)
    if (save) {
      const { become, signal, folder } = this.#options
      const kept = await keep({ ...save, folder }, () => this.#connection.get(save.from, become, signal))
      return finish(kept.changed ? 'changed' : 'ok', { ...result, ...kept })
    }
    return finish(result.changed ? 'changed' : 'ok', result)
  }

  #ask(deed: Deed): void {
    const refusal = this.#options.approve?.(deed)
    if (refusal !== undefined) throw new ModuleFailure(refusal)
  }

  async #look(look: Script): Promise<ScriptResult> {
    const [result] = await this.#send([{ ...this.#request(look), look: true }], 'look')
    return result as ScriptResult
  }

  /** Uploads, the script, and the second look, in one go. */
  async #change(
    change: Change,
    look: Script | undefined,
    options: { quiet?: boolean; timeoutMs?: number | undefined } = {},
  ): Promise<[ScriptResult | undefined, ScriptResult | undefined]> {
    try {
      return await this.#placeAndRun(change, look, options)
    } catch (error) {
      const isFull = error instanceof ConnectionError && error.kind === 'no-file'
      if (change.undo && isFull) {
        const undo = { ...this.#request(change.undo), light: true }
        await this.#connection.run([undo], this.#options.signal).catch(() => {}) // the first problem is told
      }
      throw error
    }
  }

  async #placeAndRun(
    { prepare, script, uploads = [], stdin, light = false }: Change,
    look: Script | undefined,
    { quiet = false, timeoutMs }: { quiet?: boolean; timeoutMs?: number | undefined } = {},
  ): Promise<[ScriptResult | undefined, ScriptResult | undefined]> {
    const links = quiet || script === undefined ? [] : (this.#options.links?.() ?? [])
    if (!quiet) this.#options.onChange?.()
    const { job, become, signal } = this.#options
    if (uploads.length > 0 && (job || !script)) {
      if (prepare) await this.#connection.run([{ ...this.#request(prepare), light: true }], signal)
      await this.#connection.put(uploads, become, signal)
    }
    const requests: ScriptRequest[] = []
    if (script) {
      requests.push({
        ...this.#request(script),
        ...(stdin === undefined ? {} : { stdin }),
        ...(uploads.length > 0 && !job ? { prepare, uploads } : {}),
        ...(light ? { light } : {}),
        ...(timeoutMs === undefined ? {} : { timeoutMs: Math.min(timeoutMs, this.#options.timeoutMs ?? timeoutMs) }),
        onOutput: this.#options.onOutput,
      })
    }
    // what goes along runs only behind a look: none that fails may take what others did with it
    if (look) requests.push({ ...this.#request(look), look: true, ...(links.length > 0 ? { after: true } : {}) })
    const results =
      job && requests.length > 0 ? await job(requests) : await this.#send(requests, quiet ? 'look' : 'change', links)
    return script ? [results[0], results[1]] : [undefined, results[0]]
  }

  /** Sends the step's own requests with looks of later tasks behind them. */
  async #send(
    own: readonly ScriptRequest[],
    kind: 'look' | 'change',
    links: readonly Link[] = [],
  ): Promise<readonly ScriptResult[]> {
    if (own.length === 0) return []
    const along = links.flatMap(link => link.requests)
    const ahead = this.#options.ahead?.(kind, links.length) ?? []
    const results = await this.#connection.run([...own, ...along, ...ahead], this.#options.signal)
    const end = own.length + along.length
    if (links.length > 0) this.#options.onLinks?.(chained(links, results.slice(own.length, end)))
    if (ahead.length > 0) this.#options.onAhead?.(results.slice(end))
    return results
  }

  #request(script: Script): ScriptRequest {
    const { become, environment, timeoutMs } = this.#options
    return { script, become, environment, timeoutMs }
  }
}

const nothingSaid: ScriptResult = { status: 0, stdout: '', stderr: '', timedOut: false }

/** Whether the step leaves the host as it was, so that it may be sent ahead and runs in check mode. */
export function readsOnly(module: ActionModule<ArgTable>, args: ArgValues): boolean {
  return typeof module.readOnly === 'function' ? module.readOnly(args) : module.readOnly === true
}

function deedOf(args: ArgValues, { files, template }: Inputs): Deed {
  const digests = files?.entries.map(({ path, sha1 }) => [path, sha1]) ?? []
  return { kind: 'act', args, files: Object.fromEntries(digests), template: template?.text }
}
