import {
  type Become,
  type Connection,
  ConnectionError,
  type ScriptRequest,
  type ScriptResult,
  type Upload,
} from './connection.ts'

/** A connection without a host, for tests of what stands above connections: it remembers what was asked. */
export interface MemoryConnection extends Connection {
  /** Every script, in order; `batches` has the same, one list for each call of `run`. */
  readonly requests: readonly ScriptRequest[]
  readonly batches: readonly (readonly ScriptRequest[])[]
  readonly files: Map<
    string,
    { readonly mode: number; readonly content: Uint8Array; readonly become: Become | undefined }
  >
  readonly closed: boolean
}

/** `answer` plays the host: what it leaves out is status 0 and no output; what it throws, `run` rejects with. */
export function memoryConnection(
  answer: (request: ScriptRequest) => Partial<ScriptResult> | undefined | Promise<Partial<ScriptResult> | undefined>,
): MemoryConnection {
  const stats = { roundTrips: 0, bytesSent: 0, bytesReceived: 0 }
  const requests: ScriptRequest[] = []
  const batches: (readonly ScriptRequest[])[] = []
  const files: MemoryConnection['files'] = new Map()
  let closed = false
  const begin = (signal: AbortSignal | undefined) => {
    if (signal?.aborted) throw new ConnectionError('interrupted', 'interrupted')
    if (closed) throw new ConnectionError('lost', 'the line was closed')
    stats.roundTrips++
  }
  const place = (uploads: readonly Upload[], become: Become | undefined) => {
    for (const { to, mode, content } of uploads) {
      if (!(content instanceof Uint8Array)) throw new TypeError('a connection in memory takes bytes, not files')
      files.set(to, { mode, content, become })
    }
  }
  return {
    stats,
    requests,
    batches,
    files,
    get closed() {
      return closed
    },
    run: async (batch, signal) => {
      begin(signal)
      batches.push(batch)
      const results: ScriptResult[] = []
      for (const request of batch) {
        const last = results.at(-1)
        if (request.after && last && last.status !== 0) {
          results.push({ status: last.status, stdout: '', stderr: '', notRun: true })
          continue
        }
        requests.push(request)
        place(request.uploads ?? [], request.become)
        const result = { status: 0, stdout: '', stderr: '', ...(await answer(request)) }
        if (signal?.aborted) throw new ConnectionError('interrupted', 'interrupted')
        request.onOutput?.(result.stdout)
        results.push(result)
      }
      return results
    },
    put: async (uploads, become, signal) => {
      begin(signal)
      place(uploads, become)
    },
    get: async (path, _become, signal) => {
      begin(signal)
      const file = files.get(path)
      if (file === undefined) throw new ConnectionError('no-file', `${path} cannot be read`)
      return file.content
    },
    close: async () => {
      closed = true
    },
  }
}
