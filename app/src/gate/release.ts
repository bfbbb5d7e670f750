import { createHash } from 'node:crypto'
import { access, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Files } from '../model/format.ts'
import { isObject, type JsonObject } from '../model/keras-config.ts'
import type { Verdict } from './gate.ts'
import { trainingRowsFile } from './leakage.ts'

/** Who asks for a release, and when. */
export interface Origin {
  readonly name: string
  readonly author: string
  readonly commit: string | undefined
  /** ISO 8601. */
  readonly date: string
  /** The version of the code that judged it. */
  readonly version: string
}

/** Everything that is known of a release, as it lies in `release.json` beside the model. */
export interface ReleaseCard extends Origin {
  readonly id: string
  readonly format: string
  /** SHA-256 of each file of the model, by name. */
  readonly digests: Readonly<Record<string, string>>
  readonly accuracy: { readonly percent: number; readonly right: number; readonly rows: number } | undefined
  /** What the training wrote into `card.json`: data digest, parameters, metrics. */
  readonly training: JsonObject | undefined
  readonly forced: boolean
}

/** The content id of a release names exactly the files of its model; the same model pushed again is the same release. */
export function cardOf(candidate: Files, verdict: Verdict, origin: Origin): ReleaseCard {
  const model = verdict.candidate
  if (model === undefined) throw new Error('what could not be read has no card')
  const share = verdict.comparison?.fresh
  return {
    id: model.id,
    format: model.format,
    ...origin,
    digests: Object.fromEntries([...model.files].sort().map(name => [name, sha256(candidate.get(name))])),
    accuracy: share && { percent: Math.fround(share.right / share.total) * 100, right: share.right, rows: share.total },
    training: trainingCard(candidate),
    forced: verdict.checks.some(({ result }) => result === 'forced'),
  }
}

/** Writes a release into a new folder: the model, what belongs to it, and its card; all of it is on the disk when this returns. A release that is there already is left as it is. */
export async function writeRelease(dir: string, candidate: Files, card: ReleaseCard): Promise<void> {
  if (
    await access(join(dir, 'release.json')).then(
      () => true,
      () => false,
    )
  )
    return
  await mkdir(dir, { recursive: true, mode: 0o755 })
  const names = [...Object.keys(card.digests), 'card.json', trainingRowsFile]
  for (const name of names) {
    const bytes = candidate.get(name)
    if (bytes) await put(join(dir, name), bytes)
  }
  await put(join(dir, 'release.json'), Buffer.from(`${JSON.stringify(card, null, 2)}\n`))
}

async function put(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'w', 0o644)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

function trainingCard(files: Files): JsonObject | undefined {
  try {
    const card: unknown = JSON.parse(files.get('card.json')?.toString('utf8') ?? '')
    return isObject(card) ? card : undefined
  } catch {
    return undefined
  }
}

function sha256(bytes: Buffer | undefined): string {
  return createHash('sha256')
    .update(bytes ?? '')
    .digest('hex')
}
