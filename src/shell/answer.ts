/** What the far side says, in the order it arrives. */
export interface AnswerListener {
  started(id: number): void
  output(id: number, stream: Stream, chunk: Buffer): void
  /** Both streams of the script are complete. */
  finished(id: number, status: number, ending: Ending): void
}

/** `leftovers`: processes of its group still run. `not-run`: the script before it did not go well. */
export type Ending = 'done' | 'leftovers' | 'not-run'

export type Stream = 'stdout' | 'stderr'

/** Cuts the two streams of a shell into answers, by the marks that the prelude prints. Bytes outside of answers are dropped. */
export class AnswerReader {
  readonly #marker: Buffer
  readonly #listener: AnswerListener
  readonly #state = { stdout: newState(), stderr: newState() }
  #started = -1

  constructor(nonce: string, listener: AnswerListener) {
    this.#marker = Buffer.from(`\x1e${nonce} `, 'latin1')
    this.#listener = listener
  }

  /** The last words before any script started, which say why a shell did not come up. Docker says so on stdout. */
  get preamble(): string {
    const { stdout, stderr } = this.#state
    return stderr.preamble.toString('utf8').trim() || stdout.preamble.toString('utf8').trim()
  }

  feed(stream: Stream, chunk: Buffer): void {
    const state = this.#state[stream]
    const bytes = state.carry.length === 0 ? chunk : Buffer.concat([state.carry, chunk])
    state.carry = Buffer.alloc(0)
    let from = 0
    for (;;) {
      const at = bytes.indexOf(this.#marker, from)
      const lineEnd = at < 0 ? -1 : bytes.indexOf(10, at)
      if (at < 0 || (lineEnd < 0 && bytes.length - at < MAX_MARK)) {
        this.#carry(stream, bytes, from, at < 0 ? this.#partialMarker(bytes, from) : at)
        return
      }
      const mark = parseMark(bytes.toString('latin1', at + this.#marker.length, lineEnd < 0 ? at : lineEnd))
      if (mark === undefined) {
        this.#data(stream, bytes.subarray(from, at + this.#marker.length))
        from = at + this.#marker.length
        continue
      }
      this.#data(stream, bytes.subarray(from, at))
      from = lineEnd + 1
      this.#mark(stream, mark)
    }
  }

  #carry(stream: Stream, bytes: Buffer, from: number, keepFrom: number): void {
    this.#data(stream, bytes.subarray(from, keepFrom))
    this.#state[stream].carry = Buffer.from(bytes.subarray(keepFrom))
  }

  #data(stream: Stream, chunk: Buffer): void {
    if (chunk.length === 0) return
    const state = this.#state[stream]
    if (state.current !== undefined) this.#listener.output(state.current, stream, chunk)
    else state.preamble = Buffer.concat([state.preamble, chunk]).subarray(-4096)
  }

  #mark(stream: Stream, mark: Mark): void {
    const state = this.#state[stream]
    if (mark.kind === 'S') {
      state.current = mark.id
      if (mark.id > this.#started) this.#listener.started(mark.id)
      this.#started = Math.max(this.#started, mark.id)
      return
    }
    state.current = undefined
    state.finished = mark.id
    // The streams do not run in step; each has its ends in order.
    const { stdout, stderr } = this.#state
    const other = stream === 'stdout' ? stderr : stdout
    if (other.finished >= mark.id) this.#listener.finished(mark.id, mark.status, mark.ending)
  }

  /** Where the longest end of the bytes begins that could be the beginning of a marker. */
  #partialMarker(bytes: Buffer, from: number): number {
    for (let at = Math.max(from, bytes.length - this.#marker.length + 1); at < bytes.length; at++) {
      if (bytes[at] === 0x1e && this.#marker.subarray(0, bytes.length - at).equals(bytes.subarray(at))) return at
    }
    return bytes.length
  }
}

interface State {
  carry: Buffer
  preamble: Buffer
  current: number | undefined
  finished: number
}

interface Mark {
  readonly kind: 'S' | 'E'
  readonly id: number
  readonly status: number
  readonly ending: Ending
}

const ENDINGS: readonly Ending[] = ['done', 'leftovers', 'not-run']
const MAX_MARK = 100

function newState(): State {
  return { carry: Buffer.alloc(0), preamble: Buffer.alloc(0), current: undefined, finished: -1 }
}

function parseMark(line: string): Mark | undefined {
  const [, start, end, status, ending] = /^(?:S (\d+)|E (\d+) (\d+) ([012]))$/.exec(line) ?? []
  if (start !== undefined) return { kind: 'S', id: Number(start), status: 0, ending: 'done' }
  if (end === undefined) return undefined
  return { kind: 'E', id: Number(end), status: Number(status), ending: ENDINGS[Number(ending)] ?? 'done' }
}
