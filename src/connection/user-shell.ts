import { randomBytes } from 'node:crypto'
import { AnswerReader, type Ending, type Stream } from '../shell/answer.ts'
import { frame, prelude, shellCommand } from '../shell/frame.ts'
import { becomeRefused } from './become-errors.ts'
import type { Channel, OpenChannel } from './channel.ts'
import { type Become, ConnectionError } from './connection.ts'
import { type Ended, FrameWork, type ShellAnswer, type ShellRequest } from './frame-work.ts'
import { Latch } from './latch.ts'
import { startAs } from './privilege.ts'

export interface ShellOptions {
  readonly host: string
  readonly shell: string
  readonly become: Become | undefined
  /** True: the way to the host can choose the user itself (Docker). */
  readonly choosesUser: boolean
  /** How long the shell may take to come up, or to begin a frame. */
  readonly startTimeoutMs: number
}

/** One long-lived shell of one user. One that had to end a script, or in which a script left processes behind, is used up. */
export class UserShell {
  readonly #options: ShellOptions
  readonly #nonce = randomBytes(16).toString('hex')
  readonly #reader: AnswerReader
  readonly #gone = new Latch()
  #channel: Channel | undefined
  #work: FrameWork | undefined
  #nextId = 1
  #usable = true
  #proven = false
  #timedOut = false
  #end: { readonly status: number | undefined } | undefined

  private constructor(options: ShellOptions) {
    this.#options = options
    this.#reader = new AnswerReader(this.#nonce, {
      started: id => this.#started(id),
      output: (id, stream, chunk) => this.#output(id, stream, chunk),
      finished: (_, status, ending) => this.#finished(status, ending),
    })
  }

  static async open(openChannel: OpenChannel, options: ShellOptions): Promise<UserShell> {
    const shell = new UserShell(options)
    await shell.#start(openChannel)
    return shell
  }

  /** False: the next frame needs a new shell. */
  get usable(): boolean {
    return this.#usable
  }

  /** Runs the scripts in order. Fewer answers than requests: the shell is used up, and the other scripts did not start. */
  async run(requests: readonly ShellRequest[], signal: AbortSignal | undefined): Promise<ShellAnswer[]> {
    const first = this.#nextId
    this.#nextId += requests.length
    const bytes = frame(requests.map((script, i) => ({ id: first + i, script })))
    const work = new FrameWork(requests, first)
    this.#work = work
    const abort = () => {
      this.#kill()
      work.reject(new ConnectionError('interrupted', `interrupted while ${this.#options.host} was working`))
    }
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    else if (this.#end !== undefined) this.#closed(this.#end.status)
    else {
      work.startTimer(this.#options.startTimeoutMs + bytes.length / SLOWEST_BYTES_PER_MS, () => this.#giveUp())
      void this.#channel?.write(bytes)
    }
    try {
      return await work.done
    } finally {
      signal?.removeEventListener('abort', abort)
      work.stopTimer()
      this.#work = undefined
    }
  }

  /** Ends the shell: gently when it is idle, else with all that runs in it. Resolves when it is gone, or after a few seconds. */
  async close(): Promise<void> {
    if (this.#work === undefined && this.#usable) void this.#channel?.write(Buffer.from('exit\n'))
    this.#kill()
    const timer = setTimeout(() => this.#channel?.destroy(), CLOSE_MS)
    await this.#gone.promise
    clearTimeout(timer)
  }

  async #start(openChannel: OpenChannel): Promise<void> {
    const { host, shell, become, choosesUser, startTimeoutMs } = this.#options
    const token = `mlops-${randomBytes(8).toString('hex')}`
    const command = shellCommand(shell, token)
    const start = { host, command, token, become, choosesUser, timeoutMs: startTimeoutMs }
    this.#channel = await startAs(openChannel, start, {
      stdout: chunk => this.#reader.feed('stdout', chunk),
      stderr: chunk => this.#reader.feed('stderr', chunk),
      closed: status => this.#closed(status),
    })
    void this.#channel.write(prelude(this.#nonce, shell))
  }

  #started(id: number): void {
    this.#proven = true
    this.#work?.begin(id, () => this.#cut('time'))
  }

  #output(id: number, stream: Stream, chunk: Buffer): void {
    if (this.#work?.keep(id, stream, chunk) === false) this.#cut('size')
  }

  #finished(status: number, ending: Ending): void {
    const work = this.#work
    if (work === undefined) return
    const leftovers = ending === 'leftovers'
    const complete = work.answer(status, ending === 'not-run')
    if (complete || leftovers) this.#work = undefined
    if (complete || leftovers) work.resolve()
    if (!leftovers) return
    // What still runs may go on, but its stdout must end here: the far side sees a closed pipe.
    this.#kill()
    this.#channel?.destroy()
  }

  /** Ends the running script and, with it, the shell: the answer comes when it is gone. */
  #cut(reason: Ended): void {
    if (this.#work === undefined || this.#work.ended !== undefined) return
    this.#work.ended = reason
    this.#kill()
    this.#work.startTimer(CLOSE_MS, () => this.#channel?.destroy())
  }

  /** The guard on the far side ends all that runs when its stdin ends. */
  #kill(): void {
    this.#usable = false
    this.#channel?.end()
  }

  #giveUp(): void {
    this.#timedOut = true
    this.#usable = false
    this.#channel?.destroy()
  }

  #closed(status: number | undefined): void {
    this.#usable = false
    this.#end = { status }
    this.#gone.resolve()
    const work = this.#work
    if (work === undefined) return
    const refusal = this.#refusal(work, status)
    if (refusal !== undefined) {
      work.reject(refusal)
      return
    }
    // A script that killed the shell, or that was ended from here: the end of the shell is its answer.
    if (work.running) work.answer(status ?? 0)
    work.resolve()
  }

  #refusal(work: FrameWork, status: number | undefined): ConnectionError | undefined {
    if (work.ended !== undefined) return undefined
    if (status === undefined) return this.#lost()
    return work.running || this.#proven ? undefined : this.#notStarted()
  }

  #lost(): ConnectionError {
    const { host, startTimeoutMs } = this.#options
    const seconds = Math.round(startTimeoutMs / 1000)
    return new ConnectionError(
      'lost',
      this.#timedOut ? `${host} did not answer within ${seconds} s` : `the line to ${host} was lost`,
    )
  }

  #notStarted(): ConnectionError {
    const { host, shell, become } = this.#options
    if (this.#timedOut || this.#end?.status === undefined) return this.#lost()
    const said = this.#reader.preamble
    if (become !== undefined) return becomeRefused(become, host, said)
    return new ConnectionError('unreachable', `${shell} could not be started on ${host}: ${said || 'no reason given'}`)
  }
}

const CLOSE_MS = 4000
const SLOWEST_BYTES_PER_MS = 20
