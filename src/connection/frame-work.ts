import { StringDecoder } from 'node:string_decoder'
import type { Stream } from '../shell/answer.ts'
import type { FrameScript } from '../shell/frame.ts'
import { Latch } from './latch.ts'

export interface ShellRequest extends FrameScript {
  readonly timeoutMs?: number | undefined
  readonly onOutput?: ((chunk: string) => void) | undefined
  /** More output than this ends the script. */
  readonly maxBytes: number
}

export interface ShellAnswer {
  readonly status: number
  readonly stdout: Buffer
  readonly stderr: Buffer
  /** Ended from here: it took too long, or printed too much. */
  readonly ended?: Ended
  readonly notRun?: boolean
}

export type Ended = 'time' | 'size'

/** The frame that a shell works on: the answers so far, and what the running script has printed. */
export class FrameWork {
  readonly answers: ShellAnswer[] = []
  readonly #requests: readonly ShellRequest[]
  readonly #firstId: number
  readonly #done = new Latch()
  /** By id: the two streams do not run in step, so one may be ahead of the other. */
  readonly #printed = new Map<number, Printed>()
  #running: number | undefined
  #timer: NodeJS.Timeout | undefined
  ended: Ended | undefined

  constructor(requests: readonly ShellRequest[], firstId: number) {
    this.#requests = requests
    this.#firstId = firstId
  }

  get done(): Promise<ShellAnswer[]> {
    return this.#done.promise.then(() => this.answers)
  }

  /** True from the start of a script to its answer. */
  get running(): boolean {
    return this.#running !== undefined
  }

  /** Notes that a script started, and what to do when it takes too long. */
  begin(id: number, tooLong: () => void): void {
    const request = this.#request(id)
    if (request === undefined) return
    this.#running = id
    this.stopTimer()
    if (request.timeoutMs !== undefined) this.startTimer(request.timeoutMs, tooLong)
  }

  /** False: that was more than may be kept. */
  keep(id: number, stream: Stream, chunk: Buffer): boolean {
    const request = this.#request(id)
    if (request === undefined) return true
    const printed = this.#printed.get(id) ?? new Printed()
    this.#printed.set(id, printed)
    printed.add(stream, chunk, request.maxBytes)
    const text = request.onOutput && printed.decoders[stream].write(chunk)
    if (text) request.onOutput?.(text)
    return printed.sizeBytes <= request.maxBytes
  }

  /** Notes the next answer; true when it was the last one. */
  answer(status: number, notRun = false): boolean {
    const id = this.#firstId + this.answers.length
    const printed = this.#printed.get(id) ?? new Printed()
    const stdout = Buffer.concat(printed.stdout)
    const stderr = Buffer.concat(printed.stderr)
    this.answers.push(
      this.ended === undefined
        ? { status, stdout, stderr, ...(notRun && { notRun }) }
        : cut(this.ended, stdout, stderr),
    )
    this.#printed.delete(id)
    if (this.#running === id) {
      this.#running = undefined
      this.stopTimer()
    }
    return this.answers.length === this.#requests.length
  }

  #request(id: number): ShellRequest | undefined {
    return this.#requests[id - this.#firstId]
  }

  resolve(): void {
    this.#done.resolve()
  }

  reject(error: Error): void {
    this.#done.reject(error)
  }

  startTimer(ms: number, act: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(act, Math.min(ms, LONGEST_TIMER_MS))
  }

  stopTimer(): void {
    clearTimeout(this.#timer)
  }
}

/** `timeout` has 124 for a command that took too long, too. */
function cut(ended: Ended, stdout: Buffer, stderr: Buffer): ShellAnswer {
  return { status: ended === 'time' ? 124 : 125, stdout, stderr, ended }
}

class Printed {
  readonly stdout: Buffer[] = []
  readonly stderr: Buffer[] = []
  readonly decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') }
  sizeBytes = 0

  add(stream: Stream, chunk: Buffer, maxBytes: number): void {
    const room = Math.max(0, maxBytes - this.sizeBytes)
    this.sizeBytes += chunk.length
    if (room > 0) this[stream].push(chunk.subarray(0, room))
  }
}

/** Node takes a longer one for zero. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
