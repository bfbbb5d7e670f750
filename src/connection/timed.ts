import type { Become, Connection, ConnectionStats, OpenConnection, ScriptRequest, Upload } from './connection.ts'
import { SMALL_BYTES, uploadSize } from './put.ts'

/** One trip to a host and back, or the opening of its line. */
export interface Trip {
  readonly host: string
  /** `look` asks only; `change` runs something that may act, with small files that it needs; `transfer` brings many bytes. */
  readonly phase: 'connect' | 'look' | 'change' | 'transfer'
  readonly ms: number
  /** Round trips: none while the line is opened. */
  readonly roundTrips: number
  readonly bytesSent: number
  readonly bytesReceived: number
}

/** Opens lines as `open` does, and tells of each trip when it is over. */
export function timed(open: OpenConnection, onTrip: (trip: Trip) => void): OpenConnection {
  return async (target, signal) => {
    const { host } = target
    const start = performance.now()
    const connection = await open(target, signal)
    const { bytesSent, bytesReceived } = connection.stats
    onTrip({ host, phase: 'connect', ms: performance.now() - start, roundTrips: 0, bytesSent, bytesReceived })
    return new TimedConnection(host, connection, onTrip)
  }
}

function phaseOf(requests: readonly ScriptRequest[]): Trip['phase'] {
  const bytes = requests.flatMap(({ uploads = [] }) => uploads).reduce((sum, upload) => sum + uploadSize(upload), 0)
  if (bytes > SMALL_BYTES) return 'transfer'
  return requests.every(request => request.look) ? 'look' : 'change'
}

class TimedConnection implements Connection {
  readonly #host: string
  readonly #line: Connection
  readonly #onTrip: (trip: Trip) => void
  readonly stats: Readonly<ConnectionStats>
  readonly lane?: () => Connection

  constructor(host: string, line: Connection, onTrip: (trip: Trip) => void) {
    this.#host = host
    this.#line = line
    this.#onTrip = onTrip
    this.stats = line.stats
    if (line.lane) this.lane = () => new TimedConnection(host, line.lane?.() ?? line, onTrip)
  }

  run(requests: readonly ScriptRequest[], signal?: AbortSignal) {
    return this.#time(phaseOf(requests), () => this.#line.run(requests, signal))
  }

  put(uploads: readonly Upload[], become?: Become, signal?: AbortSignal) {
    return this.#time('transfer', () => this.#line.put(uploads, become, signal))
  }

  get(path: string, become?: Become, signal?: AbortSignal) {
    return this.#time('transfer', () => this.#line.get(path, become, signal))
  }

  close(): Promise<void> {
    return this.#line.close()
  }

  async #time<T>(phase: Trip['phase'], work: () => Promise<T>): Promise<T> {
    const before = { ...this.stats }
    const start = performance.now()
    try {
      return await work()
    } finally {
      const { roundTrips, bytesSent, bytesReceived } = this.stats
      this.#onTrip({
        host: this.#host,
        phase,
        ms: performance.now() - start,
        roundTrips: roundTrips - before.roundTrips,
        bytesSent: bytesSent - before.bytesSent,
        bytesReceived: bytesReceived - before.bytesReceived,
      })
    }
  }
}
