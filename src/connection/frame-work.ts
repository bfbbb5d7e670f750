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
}

export type Ended = 'time' | 'size'

/** The frame that a shell works on: the answers so far, and what the running script has printed. */
export class FrameWork {
  readonly answers: ShellAnswer[] = []
  readonly #requests: readonly ShellRequest[]
  readonly #firstId: number
  readonly #done = new Latch()
  #printed = new Printed()
  #timer: NodeJS.Timeout | undefined
  running = false
  ended: Ended | undefined

  constructor(requests: readonly ShellRequest[], firstId: number) {
    this.#requests = requests
    this.#firstId = firstId
  }

  get done(): Promise<ShellAnswer[]> {
    return this.#done.promise.then(() => this.answers)
  }

  /** The request with this id, when it is the one whose turn it is. */
  current(id: number): ShellRequest | undefined {
    return id === this.#firstId + this.answers.length ? this.#requests[this.answers.length] : undefined
  }

  /** False: that was more than may be kept. */
  keep(request: ShellRequest, stream: Stream, chunk: Buffer): boolean {
    this.#printed.add(stream, chunk, request.maxBytes)
    const text = request.onOutput && this.#printed.decoders[stream].write(chunk)
    if (text) request.onOutput?.(text)
    return this.#printed.sizeBytes <= request.maxBytes
  }

  /** Notes the answer of the running script; true when it was the last one. */
  answer(status: number): boolean {
    const stdout = Buffer.concat(this.#printed.stdout)
    const stderr = Buffer.concat(this.#printed.stderr)
    this.answers.push({ status, stdout, stderr, ...(this.ended === undefined ? {} : { ended: this.ended }) })
    this.#printed = new Printed()
    this.running = false
    return this.answers.length === this.#requests.length
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
