import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { MlopsError } from '../../errors.ts'
import type { Progress } from '../provider.ts'

/** Fetches a file whose SHA-256 is known. Throws `qemu.download`; what was fetched is then of no use. */
export async function download(
  { url, sha256 }: { readonly url: string; readonly sha256: string },
  file: string,
  { onStep, signal }: Progress,
): Promise<void> {
  const response = await ask(url, signal)
  const hash = createHash('sha256')
  const total = Number(response.headers.get('content-length') ?? 0)
  let bytes = 0
  let told = 0
  const count = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk)
      bytes += chunk.length
      const tenths = total > 0 ? Math.floor((bytes / total) * 10) : 0
      if (tenths > told) onStep(`fetching ${url}: ${tenths * 10} % of ${(total / 1e6).toFixed(0)} MB`)
      told = tenths
      done(null, chunk)
    },
  })
  try {
    await pipeline(response.body, count, createWriteStream(file, { mode: 0o600 }), signal ? { signal } : {})
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw failed(url, reason(cause), cause)
  }
  const found = hash.digest('hex')
  if (found === sha256) return
  throw new MlopsError('qemu.download', `${url} is another file than expected: its SHA-256 is ${found}`, {
    hint: 'take the digest from the page of who publishes the image, over a connection that you trust',
  })
}

async function ask(url: string, signal: AbortSignal | undefined): Promise<{ headers: Headers; body: Readable }> {
  let response: Response
  try {
    response = await fetch(url, signal ? { signal } : {})
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw failed(url, reason(cause), cause)
  }
  if (!response.ok || response.body === null) throw failed(url, `the server says ${response.status}`)
  // The two types of web streams, the DOM's and Node's, are the same at run time.
  return {
    headers: response.headers,
    body: Readable.fromWeb(response.body as import('node:stream/web').ReadableStream),
  }
}

function failed(url: string, why: string, cause?: unknown): MlopsError {
  return new MlopsError('qemu.download', `${url} cannot be fetched: ${why}`, {
    cause,
    hint: 'fetch it by hand, and give the path of the file as `image`',
  })
}

/** What fetch says is "fetch failed": the cause says more. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
