import { Dataset, File, Group } from 'jsfive'
import { messageOf, PredictorError } from '../errors.ts'
import type { KerasLayer } from './keras-config.ts'

/** One weight array as it stands in the file. */
export interface Weight {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** Opens an HDF5 file; throws `model.unreadable`. */
export function openHdf5(bytes: Buffer, name: string): File {
  return reading(name, () => new File(arrayBufferOf(bytes), name))
}

/** The architecture that a whole-model `.h5` carries in an attribute; `undefined` when it has weights alone. */
export function configInHdf5(file: File): string | undefined {
  const config = file.attrs.model_config
  return typeof config === 'string' ? trimmed(config) : undefined
}

/** The weights by layer name, in the order in which a layer lists them. Reads all three layouts that Keras wrote. */
export function weightsOf(
  file: File,
  layers: readonly KerasLayer[],
  name: string,
): ReadonlyMap<string, readonly Weight[]> {
  return reading(name, () => {
    const root = file.keys.includes('model_weights') ? groupAt(file, 'model_weights') : file
    return 'layer_names' in root.attrs || 'layer_names0' in root.attrs
      ? namedWeights(root)
      : countedWeights(file, layers)
  })
}

/** Keras 2 and the legacy format of Keras 3: attributes list the layers, and the datasets of each. */
function namedWeights(root: Group): Map<string, Weight[]> {
  const found = new Map<string, Weight[]>()
  for (const layer of names(root, 'layer_names')) {
    const group = groupAt(root, layer)
    found.set(
      layer,
      names(group, 'weight_names').map(path => weightAt(group, path)),
    )
  }
  return found
}

/** Keras 3's `.weights.h5`: the folders are named for the layer's class, with a running number per class. */
function countedWeights(file: File, layers: readonly KerasLayer[]): Map<string, Weight[]> {
  const folder = file.keys.find(key => key === 'layers' || key === '_layer_checkpoint_dependencies')
  if (folder === undefined) throw new Error('it holds no weights of a Keras model')
  const root = groupAt(file, folder)
  const seen = new Map<string, number>()
  const found = new Map<string, Weight[]>()
  for (const layer of layers) {
    const base = snakeCase(layer.className)
    const count = seen.get(base) ?? 0
    seen.set(base, count + 1)
    const key = count === 0 ? base : `${base}_${count}`
    if (!root.keys.includes(key)) continue
    const group = groupAt(root, key)
    if (!group.keys.includes('vars')) continue
    const variables = groupAt(group, 'vars')
    const order = variables.keys.sort((a, b) => Number(a) - Number(b))
    found.set(
      layer.name,
      order.map(path => weightAt(variables, path)),
    )
  }
  return found
}

function weightAt(group: Group, path: string): Weight {
  const dataset = group.get(path)
  if (!(dataset instanceof Dataset)) throw new Error(`${path} is no dataset`)
  if (dataset.attrs.dtype === 'bfloat16')
    throw new Error(`${path} is bfloat16, which is not supported: save the model as float32`)
  const { value } = dataset
  if (!Array.isArray(value) || !value.every(item => typeof item === 'number'))
    throw new Error(`${path} is no array of numbers`)
  return { shape: [...dataset.shape], values: Float32Array.from(value) }
}

/** A list attribute; HDF5 limits an attribute to 64 KiB, so Keras splits a long list into `name0`, `name1`, … */
function names(group: Group, attribute: string): string[] {
  const whole = group.attrs[attribute]
  const parts: unknown[] = whole === undefined ? [] : [whole]
  for (let i = 0; whole === undefined && group.attrs[`${attribute}${i}`] !== undefined; i++)
    parts.push(group.attrs[`${attribute}${i}`])
  return parts.flat().map(part => trimmed(String(part)))
}

function groupAt(parent: Group, path: string): Group {
  const group = parent.get(path)
  if (!(group instanceof Group)) throw new Error(`${path} is no group`)
  return group
}

/** Strings of a fixed length are padded with zero bytes. */
function trimmed(text: string): string {
  return text.replace(/\0+$/, '')
}

/** Keras' own rule for the folder names (keras/src/utils/naming.py, `to_snake_case`). */
function snakeCase(name: string): string {
  return name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
}

function reading<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new PredictorError('model.unreadable', `${name} cannot be read as HDF5: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function arrayBufferOf(bytes: Buffer): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.byteLength)
  new Uint8Array(copy).set(bytes)
  return copy
}
