import { createHash } from 'node:crypto'
import { access, constants, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Sequential } from '@tensorflow/tfjs-layers'
import { messageOf, PredictorError } from '../errors.ts'
import { trainingRowsFile, writeTrainingRows } from '../gate/leakage.ts'
import { idOf } from '../model/id.ts'
import type { Engine } from '../model/tensorflow.ts'

/** What is known about a model: who made it of what, and how good it is. Accuracies in percent. */
export interface Card {
  /** The id of the model that this card belongs to. */
  readonly model: string
  /** ISO 8601. */
  readonly trained: string
  readonly data: { readonly sha256: string; readonly training: number; readonly heldOut: number }
  readonly seed: number
  readonly epochs: number
  readonly batchSize: number
  readonly engine: string
  readonly accuracy: { readonly training: number; readonly heldOut: number }
}

/**
 * Writes a TensorFlow.js layers model, its card and the digests of its training rows, and returns the model's id. A reader sees the old model or the new one:
 * the weights have a name of their own, and `model.json`, which names them, is put in place by one rename.
 */
export async function save(
  model: Sequential,
  dir: string,
  { card, trainingRows }: { readonly card: Omit<Card, 'model'>; readonly trainingRows: readonly string[] },
  { tf }: Engine,
): Promise<string> {
  await makeFolder(dir)
  const { json, weights, weightsName } = await artifacts(model, tf)
  const id = idOf(
    new Map([
      ['model.json', json],
      [weightsName, weights],
    ]),
    ['model.json', weightsName],
  )
  await put(dir, weightsName, weights)
  await put(dir, 'model.json', json)
  await put(dir, 'card.json', Buffer.from(`${JSON.stringify({ model: id, ...card } satisfies Card, null, 2)}\n`))
  await put(dir, trainingRowsFile, Buffer.from(writeTrainingRows(trainingRows)))
  for (const name of await readdir(dir)) {
    if (/^weights-[0-9a-f]{12}\.bin$/.test(name) && name !== weightsName) await rm(join(dir, name))
  }
  return id
}

/** Makes sure that a model can be written there: before the minutes of training, not after them. Throws `model.folder`. */
export async function writableFolder(dir: string): Promise<void> {
  try {
    await makeFolder(dir)
    await access(dir, constants.W_OK)
  } catch (error) {
    throw new PredictorError('model.folder', `the model cannot be written: ${messageOf(error)}`)
  }
}

/** Makes a folder and those above it, one by one: below /proc, Node's `recursive` never ends. */
export async function makeFolder(dir: string): Promise<void> {
  const path = resolve(dir)
  try {
    await mkdir(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (code !== 'ENOENT' || dirname(path) === '/') throw error
    await makeFolder(dirname(path))
    await mkdir(path)
  }
}

/** The files of a folder, as `loadModel` takes them. */
export async function filesOf(dir: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(dir, { withFileTypes: true })).filter(
    entry => entry.isFile() && !entry.name.startsWith('.'),
  )
  return new Map(await Promise.all(names.map(async ({ name }) => [name, await readFile(join(dir, name))] as const)))
}

async function artifacts(
  model: Sequential,
  tf: Engine['tf'],
): Promise<{ json: Buffer; weights: Buffer; weightsName: string }> {
  let made: { json: Buffer; weights: Buffer; weightsName: string } | undefined
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const parts = Array.isArray(weightData) ? weightData : weightData ? [weightData] : []
      const weights = Buffer.concat(parts.map(part => new Uint8Array(part)))
      const weightsName = `weights-${createHash('sha256').update(weights).digest('hex').slice(0, 12)}.bin`
      const manifest = [{ paths: [weightsName], weights: weightSpecs }]
      const json = {
        format: 'layers-model',
        generatedBy: 'mlops-predictor',
        convertedBy: null,
        modelTopology,
        weightsManifest: manifest,
      }
      made = { json: Buffer.from(`${JSON.stringify(json, null, 2)}\n`), weights, weightsName }
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } }
    }),
  )
  if (made === undefined) throw new Error('TensorFlow.js saved no model')
  return made
}

async function put(dir: string, name: string, bytes: Buffer): Promise<void> {
  const temporary = join(dir, `.${name}.${process.pid}`)
  const file = await open(temporary, 'w', 0o644)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, join(dir, name))
}
