import { MlopsError } from '../errors.ts'
import { ARRIVED } from '../shell/arrived.ts'
import { type Script, sh } from '../shell/sh.ts'
import type { OpenChannel } from './channel.ts'
import {
  type Become,
  type Connection,
  ConnectionError,
  type ConnectionStats,
  type ScriptRequest,
  type ScriptResult,
  type Upload,
} from './connection.ts'
import type { ShellAnswer, ShellRequest } from './frame-work.ts'
import { Latch } from './latch.ts'
import { placeInFrame, splitUploads } from './put.ts'
import { sendStream } from './put-stream.ts'
import { type ShellOptions, UserShell } from './user-shell.ts'

export interface FramedOptions {
  readonly host: string
  readonly shell: string
  /** The login user, when known: nobody needs to become who he is. */
  readonly user?: string | undefined
  /** True: `openChannel` starts commands as any user (Docker); become needs no sudo there. */
  readonly choosesUser?: boolean
  /** How long a shell may take to come up, or to begin a frame. */
  readonly startTimeoutMs: number
  readonly openChannel: OpenChannel
  /** Ends the line itself. Never rejects. */
  readonly closeLine: () => Promise<void>
  readonly stats: ConnectionStats
}

/** A connection over anything that starts a command and has its three streams: one long-lived shell a user. */
export class FramedConnection implements Connection {
  readonly stats: ConnectionStats
  readonly #options: FramedOptions
  readonly #shells = new Map<string, UserShell>()
  /** What each user's shell still has to do. */
  readonly #queues = new Map<string, Promise<unknown>>()
  /** Used-up shells that are still ending what ran in them. */
  readonly #ending = new Set<Promise<void>>()
  readonly #lanes: FramedConnection[] = []
  #closing: Promise<void> | undefined

  constructor(options: FramedOptions) {
    this.#options = options
    this.stats = options.stats
  }

  async run(requests: readonly ScriptRequest[], signal?: AbortSignal): Promise<ScriptResult[]> {
    if (requests.length === 0) return []
    this.stats.roundTrips++
    const users = new Map<string, number[]>()
    requests.forEach((request, i) => {
      const key = this.#key(request.become)
      users.set(key, [...(users.get(key) ?? []), i])
    })
    const results: ScriptResult[] = []
    const frames = [...users.values()].map(async indexes => {
      const own = indexes.flatMap(i => requests[i] ?? [])
      const arrived: string[] = []
      const placed = await Promise.all(own.map(request => this.#ahead(request, arrived, signal)))
      const scripts = own.flatMap((request, i) => {
        const before = placed[i]
        const script = shellRequest(knowing(request, arrived))
        return before
          ? [
              { ...before, after: request.after },
              { ...script, after: true },
            ]
          : [script]
      })
      const answers = await this.#frame(own[0]?.become, scripts, signal)
      for (const [i, before] of placed.entries()) {
        const written = before && answers.shift()
        const answer = answers.shift()
        // what runs after another one is not needed so much that all should fail
        if (before && !own[i]?.after) this.#written(written)
        if (answer) results[indexes[i] ?? -1] = scriptResult(answer)
      }
    })
    await Promise.all(frames)
    return results
  }

  async put(uploads: readonly Upload[], become?: Become, signal?: AbortSignal): Promise<void> {
    const { frames, stream } = splitUploads(uploads)
    for (const small of frames) await this.#write(await placing(small), become, signal)
    await this.#stream(stream, become, signal)
  }

  /** Places what is too large to ride along; gives the script that places the rest. */
  async #ahead(
    { prepare, uploads = [], become }: ScriptRequest,
    arrived: string[],
    signal: AbortSignal | undefined,
  ): Promise<ShellRequest | undefined> {
    if (uploads.length === 0) return undefined
    const { frames, stream } = splitUploads(uploads)
    const last = stream.length === 0 ? frames.pop() : undefined
    const ridesAlong = last !== undefined && frames.length === 0
    if (prepare && !ridesAlong) await this.#write(look(prepare.text), become, signal)
    await this.put(frames.flat(), become, signal)
    arrived.push(...(await this.#stream(stream, become, signal)))
    return last && placing(last, ridesAlong ? prepare : undefined)
  }

  async #write(request: ShellRequest, become: Become | undefined, signal: AbortSignal | undefined): Promise<void> {
    this.stats.roundTrips++
    const [answer] = await this.#frame(become, [request], signal)
    this.#written(answer)
  }

  #written(answer: ShellAnswer | undefined): void {
    if (answer?.status !== 0) throw cannotWrite(this.#options.host, answer?.stderr.toString('utf8') ?? '')
  }

  /** What was hashed on its way, as `ARRIVED` tells it. */
  async #stream(
    stream: readonly Upload[],
    become: Become | undefined,
    signal: AbortSignal | undefined,
  ): Promise<readonly string[]> {
    if (stream.length === 0) return []
    this.stats.roundTrips++
    const { host, openChannel } = this.#options
    const { problem, parts = [], arrived } = await sendStream(openChannel, stream, this.#start(become), signal)
    if (problem !== undefined) {
      await this.#frame(become, [look(sh`rm -f -- ${parts}`.text)], signal).catch(() => {}) // the first problem is told
      throw cannotWrite(host, problem)
    }
    return arrived
  }

  async get(path: string, become?: Become, signal?: AbortSignal): Promise<Uint8Array> {
    this.stats.roundTrips++
    const request = { text: sh`cat -- ${path}`.text, look: true, maxBytes: Number.MAX_SAFE_INTEGER }
    const [answer] = await this.#frame(become, [request], signal)
    if (answer?.status === 0) return answer.stdout
    const reason = answer?.stderr.toString('utf8').trim() ?? ''
    throw new ConnectionError('no-file', `${path} cannot be read on ${this.#options.host}: ${reason}`)
  }

  lane(): FramedConnection {
    const lane = new FramedConnection({ ...this.#options, closeLine: async () => {} })
    this.#lanes.push(lane)
    return lane
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const shells = [...this.#shells.values()].map(shell => shell.close())
    await Promise.allSettled([...shells, ...this.#ending, ...this.#lanes.map(lane => lane.close())])
    await this.#options.closeLine()
  }

  /** Waits for its turn in this user's shell, then runs until all is answered, in a new shell where one is used up. */
  async #frame(
    asked: Become | undefined,
    requests: readonly ShellRequest[],
    signal: AbortSignal | undefined,
  ): Promise<ShellAnswer[]> {
    const key = this.#key(asked)
    const turn = (this.#queues.get(key) ?? Promise.resolve()).then(async () => {
      const answers: ShellAnswer[] = []
      while (answers.length < requests.length) {
        const last = answers.at(-1)
        if (last && last.status !== 0 && requests[answers.length]?.after) {
          answers.push({ status: last.status, stdout: NOTHING, stderr: NOTHING, notRun: true })
          continue
        }
        if (last) this.stats.roundTrips++
        const shell = await this.#shell(key, asked, signal)
        answers.push(...(await shell.run(requests.slice(answers.length), signal)))
      }
      return answers
    })
    this.#queues.set(
      key,
      turn.catch(() => {}),
    )
    return turn
  }

  async #shell(key: string, become: Become | undefined, signal: AbortSignal | undefined): Promise<UserShell> {
    const { host, openChannel } = this.#options
    if (signal?.aborted) throw new ConnectionError('interrupted', `interrupted while ${host} was working`)
    if (this.#closing !== undefined) throw new ConnectionError('lost', `the line to ${host} was closed`)
    const open = this.#shells.get(key)
    if (open?.usable) return open
    if (open !== undefined) {
      const ending = open.close()
      this.#ending.add(ending)
      void ending.then(() => this.#ending.delete(ending))
    }
    this.#shells.delete(key)
    const fresh = await orInterrupted(UserShell.open(openChannel, this.#start(become)), signal, host)
    this.#shells.set(key, fresh)
    return fresh
  }

  #start(asked: Become | undefined): ShellOptions {
    const { host, shell, choosesUser = false, startTimeoutMs } = this.#options
    return { host, shell, choosesUser, startTimeoutMs, become: this.#needed(asked) }
  }

  #needed(become: Become | undefined): Become | undefined {
    return become === undefined || become.user === this.#options.user ? undefined : become
  }

  #key(asked: Become | undefined): string {
    const become = this.#needed(asked)
    return become === undefined ? '' : JSON.stringify([become.method, become.user, become.flags, become.exe])
  }
}

/** A shell that comes up too late is closed again. */
async function orInterrupted(
  opening: Promise<UserShell>,
  signal: AbortSignal | undefined,
  host: string,
): Promise<UserShell> {
  if (signal === undefined) return opening
  const stop = new Latch<UserShell>()
  const abort = () => {
    stop.reject(new ConnectionError('interrupted', `interrupted while ${host} was working`))
    opening.then(shell => shell.close()).catch(() => {})
  }
  signal.addEventListener('abort', abort, { once: true })
  return Promise.race([opening, stop.promise]).finally(() => signal.removeEventListener('abort', abort))
}

function knowing(request: ScriptRequest, arrived: readonly string[]): ScriptRequest {
  if (arrived.length === 0 || !request.look) return request
  const told = arrived
    .slice(0, MOST_TOLD)
    .map(file => ` ${file}`)
    .join('')
  return { ...request, environment: { ...request.environment, [ARRIVED]: told } }
}

function shellRequest(request: ScriptRequest): ShellRequest {
  const { script, environment, stdin, timeoutMs, onOutput, look = false, light = false, after } = request
  for (const [name, value] of Object.entries(environment ?? {})) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !value.includes('\0')) continue
    throw new MlopsError('connection.environment', `\`${name}\` cannot be a variable of the environment`, {
      hint: 'a name has letters, digits and `_` only; a value has no NUL byte',
    })
  }
  return {
    text: script.text,
    environment,
    stdin,
    timeoutMs,
    onOutput,
    look: look || light,
    after,
    maxBytes: KEPT_BYTES,
  }
}

/** A script that places small files. */
async function placing(uploads: readonly Upload[], prepare?: Script): Promise<ShellRequest> {
  const text = await placeInFrame(uploads)
  return look(prepare ? Buffer.concat([Buffer.from(`{ ${prepare.text}; } || exit\n`), text]) : text)
}

function look(text: string | Uint8Array): ShellRequest {
  return { text, look: true, maxBytes: KEPT_BYTES }
}

function scriptResult(answer: ShellAnswer): ScriptResult {
  const { status, ended, notRun } = answer
  const said = { stdout: answer.stdout.toString('utf8'), stderr: answer.stderr.toString('utf8') }
  const result = { status, ...said, ...(notRun && { notRun }) }
  if (ended === 'time') return { ...result, timedOut: true }
  if (ended === undefined) return result
  const note = `ended: it printed more than ${KEPT_BYTES / 2 ** 20} MiB; the rest is lost`
  return { ...result, stderr: `${result.stderr}\n${note}\n` }
}

function cannotWrite(host: string, reason: string): ConnectionError {
  return new ConnectionError('no-file', `cannot write on ${host}: ${reason.trim()}`)
}

const NOTHING = Buffer.alloc(0)
/** A variable of the environment is short; files that are not told of are hashed again. */
const MOST_TOLD = 100
const KEPT_BYTES = 64 * 2 ** 20
