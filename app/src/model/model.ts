import type { LayersModel } from '@tensorflow/tfjs-layers'
import { messageOf, PredictorError } from '../errors.ts'
import { type Files, findModel, type StoredModel } from './format.ts'
import { idOf } from './id.ts'
import { layersOf, toKeras2 } from './keras-config.ts'
import { openHdf5, type Weight, weightsOf } from './keras-hdf5.ts'
import type { Engine } from './tensorflow.ts'

/** A model in memory. */
export interface Model {
  /** The first 12 digits of the SHA-256 of its files: the same files have the same id. */
  readonly id: string
  readonly format: StoredModel['format']
  readonly files: readonly string[]
  /** How many numbers a row has. */
  readonly width: number
  /** The probability of each row, between 0 and 1; throws `model.mismatch` or `model.not-finite`. */
  probabilities(rows: readonly (readonly number[])[]): Float32Array
  dispose(): void
}

/** Builds the model of a folder's files; throws `model.…` with what is wrong in words. */
export async function loadModel(files: Files, { tf }: Engine): Promise<Model> {
  const stored = findModel(files)
  const layersModel = await building(stored, () =>
    stored.format === 'tfjs-layers' ? fromTfjs(stored, tf) : fromKeras(stored, tf),
  )
  refuseHoles(layersModel)
  const width = layersModel.inputs[0]?.shape[1]
  const outputs = layersModel.outputs[0]?.shape
  if (layersModel.inputs.length !== 1 || typeof width !== 'number' || outputs?.length !== 2 || outputs[1] !== 1) {
    layersModel.dispose()
    throw new PredictorError(
      'model.mismatch',
      `the model must take one row of numbers and give one probability; its output has the shape ${JSON.stringify(outputs)}`,
    )
  }
  return {
    id: idOf(files, stored.files),
    format: stored.format,
    files: stored.files,
    width,
    probabilities: rows => probabilities(layersModel, rows, width, tf),
    dispose: () => void layersModel.dispose(),
  }
}

/** A training that went astray leaves NaN in the weights; with some rows it does not show in the answers. */
function refuseHoles(model: LayersModel): void {
  for (const weight of model.weights) {
    if (weight.read().dataSync().every(Number.isFinite)) continue
    model.dispose()
    throw new PredictorError('model.not-finite', `the weights ${weight.originalName} hold what is no number`)
  }
}

function probabilities(
  model: LayersModel,
  rows: readonly (readonly number[])[],
  width: number,
  tf: Engine['tf'],
): Float32Array {
  const wrong = rows.findIndex(row => row.length !== width)
  if (wrong !== -1)
    throw new PredictorError(
      'model.mismatch',
      `the model takes ${width} features a row, the data have ${rows[wrong]?.length}`,
    )
  const values = tf.tidy(() => {
    const input = tf.tensor2d(Float32Array.from(rows.flat()), [rows.length, width])
    // The default batch of 32 rows costs more than the arithmetic.
    const output = model.predict(input, { batchSize: Math.max(1, rows.length) })
    const [first] = Array.isArray(output) ? output : [output]
    return Float32Array.from(first?.dataSync() ?? [])
  })
  if (values.length !== rows.length || !values.every(Number.isFinite))
    throw new PredictorError('model.not-finite', 'the model answers with what is no number')
  return values
}

type Tfjs = Extract<StoredModel, { format: 'tfjs-layers' }>
type Keras = Exclude<StoredModel, { format: 'tfjs-layers' }>

async function fromTfjs({ json, weights }: Tfjs, tf: Engine['tf']): Promise<LayersModel> {
  // The manifest is checked by TensorFlow.js itself as it decodes the weights: this is the boundary.
  const manifest = json.weightsManifest as unknown as { weights: WeightSpecs }[]
  return await tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology: { ...(json.modelTopology as object) },
      weightSpecs: manifest.flatMap(group => group.weights),
      weightData: new Uint8Array(weights).buffer,
    }),
  )
}

type WeightSpecs = NonNullable<Parameters<Engine['tf']['io']['decodeWeights']>[1]>

async function fromKeras({ config, hdf5, files }: Keras, tf: Engine['tf']): Promise<LayersModel> {
  const weights = weightsOf(openHdf5(hdf5, files.at(-1) ?? ''), layersOf(config), files.at(-1) ?? '')
  // The type says PyJsonDict, which is any JSON object.
  const model = await tf.models.modelFromJSON(
    toKeras2(config) as Parameters<Engine['tf']['models']['modelFromJSON']>[0],
  )
  try {
    for (const layer of model.layers) setWeights(layer, weights.get(layer.name) ?? [], tf)
  } catch (error) {
    model.dispose()
    throw error
  }
  return model
}

function setWeights(layer: LayersModel['layers'][number], given: readonly Weight[], tf: Engine['tf']): void {
  if (given.length !== layer.weights.length) {
    throw new Error(`layer ${layer.name} has ${layer.weights.length} weight arrays, the file gives ${given.length}`)
  }
  tf.tidy(() => layer.setWeights(given.map(({ values, shape }) => tf.tensor(values, [...shape]))))
}

async function building(stored: StoredModel, build: () => Promise<LayersModel>): Promise<LayersModel> {
  try {
    return await build()
  } catch (error) {
    if (error instanceof PredictorError) throw error
    throw new PredictorError(
      'model.unreadable',
      `${stored.files.join(' and ')} cannot be loaded as ${stored.format}: ${messageOf(error)}`,
      { cause: error },
    )
  }
}
