import { createHash } from 'node:crypto'
import { mkdtemp, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { looksLikeModel } from './american/model-file.ts'
import { messageOf, PredictorError } from './errors.ts'
import type { Log } from './log.ts'
import type { ModelName } from './settings.ts'

const maxBytes = 256 * 1024 * 1024
const pauses = [250, 1000, 3000, 6000] as const

/** A model that was fetched, in a folder of its own. */
export interface Fetched {
  readonly name: ModelName
  readonly dir: string
}

/**
 * Fetches a model of one file, and keeps it only when it is the one that was meant. A server that does not answer is asked some more
 * times; throws `model.fetch` or `model.digest`.
 */
export async function fetchModel({ url, sha256 }: { url: string; sha256: string }, log: Log): Promise<Fetched> {
  const { bytes, modified } = await patiently(() => download(url), log)
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== sha256)
    throw new PredictorError(
      'model.digest',
      `the file at MODEL_URL is not the model that was meant: its SHA-256 is ${found}`,
      {
        hint: `MODEL_DIGEST is sha256:${sha256}`,
      },
    )
  const name = looksLikeModel(bytes) ? 'american' : 'diabetes'
  const dir = await mkdtemp(join(tmpdir(), 'predictor-model-'))
  const file = join(dir, fileName(url, name))
  await writeFile(file, bytes)
  // The date of a model without a card is that of its file.
  if (modified) await utimes(file, modified, modified)
  log.info({ model: name, bytes: bytes.length, sha256 }, 'model fetched')
  return { name, dir }
}

interface Download {
  readonly bytes: Buffer
  readonly modified: Date | undefined
}

async function download(url: string): Promise<Download> {
  const reply = await fetch(url, { signal: AbortSignal.timeout(60_000) })
  if (!reply.ok) throw new HttpError(reply.status)
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of reply.body ?? []) {
    size += part.length
    if (size > maxBytes)
      throw new PredictorError('model.fetch', `the file at MODEL_URL has more than ${maxBytes / 1024 / 1024} MiB`)
    parts.push(part)
  }
  const modified = new Date(reply.headers.get('last-modified') ?? Number.NaN)
  return { bytes: Buffer.concat(parts), modified: Number.isNaN(modified.getTime()) ? undefined : modified }
}

async function patiently(fetchOnce: () => Promise<Download>, log: Log): Promise<Download> {
  for (const pause of [...pauses, undefined]) {
    try {
      return await fetchOnce()
    } catch (error) {
      // Words of ours: fetch's own may hold the address, and that a key.
      const reason = error instanceof HttpError ? error.message : causeOf(error)
      const final = error instanceof PredictorError || (error instanceof HttpError && error.status < 500)
      if (final || pause === undefined)
        throw error instanceof PredictorError
          ? error
          : new PredictorError('model.fetch', `the model cannot be fetched from MODEL_URL: ${reason}`)
      log.warn({ reason, againInMs: pause }, 'model cannot be fetched')
      await delay(pause)
    }
  }
  throw new Error('unreachable')
}

class HttpError extends Error {
  readonly status: number
  constructor(status: number) {
    super(`the server answers ${status}`)
    this.status = status
  }
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return cause instanceof Error && 'code' in cause ? String(cause.code) : messageOf(cause)
}

/** Formats are found by content; the name only has to be one that is looked at. */
function fileName(url: string, name: ModelName): string {
  const last = basename(new URL(url).pathname)
  return name === 'american' ? 'model.json' : last.endsWith('.h5') ? 'model.h5' : 'model.keras'
}
