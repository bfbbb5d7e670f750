import { PredictorError } from '../errors.ts'
import { type Files, refusePointers } from './files.ts'
import { isKerasConfig, isObject, type Json, type JsonObject } from './keras-config.ts'
import { configInHdf5, openHdf5 } from './keras-hdf5.ts'
import { unzip } from './zip.ts'

export type { Files } from './files.ts'

/** A model as it lies in its files, recognised by what is in them. `files` are the names that make it up. */
export type StoredModel =
  | {
      readonly format: 'tfjs-layers'
      readonly files: readonly string[]
      readonly json: JsonObject
      readonly weights: Buffer
    }
  | {
      readonly format: KerasFormat
      readonly files: readonly string[]
      readonly config: JsonObject
      readonly hdf5: Buffer
    }

export type KerasFormat = 'keras-json-h5' | 'keras-zip' | 'keras-h5'

/** Finds the one model of a folder; throws `model.missing`, `model.ambiguous`, `model.unreadable` or `model.unsupported`. */
export function findModel(files: Files): StoredModel {
  refusePointers(files)
  const jsons = jsonFiles(files)
  for (const candidates of [tfjsModels(files, jsons), kerasPairs(files, jsons), kerasZips(files), wholeHdf5(files)]) {
    const [first, second] = candidates
    if (first === undefined) continue
    if (second === undefined) return first()
    throw new PredictorError('model.ambiguous', `there is more than one model among ${[...files.keys()].join(', ')}`, {
      hint: 'leave one model in the folder, or name it model.json, model.keras or model.h5',
    })
  }
  throw new PredictorError(
    'model.missing',
    files.size === 0 ? 'the folder has no files' : `no model among ${[...files.keys()].join(', ')}`,
    {
      hint: 'a model is: model.json with its .bin (TensorFlow.js), model.json with model.h5, model.keras, or a whole model.h5',
    },
  )
}

type Candidates = readonly (() => StoredModel)[]

function tfjsModels(files: Files, jsons: ReadonlyMap<string, Json>): Candidates {
  const found = [...jsons].filter(
    ([, json]) => isObject(json) && isObject(json.modelTopology) && Array.isArray(json.weightsManifest),
  )
  return preferred(found.map(([name]) => name)).map(name => () => {
    const json = jsons.get(name)
    if (!isObject(json)) throw new PredictorError('model.unreadable', `${name} is no object`)
    const shards = shardNames(json, name)
    return {
      format: 'tfjs-layers',
      files: [name, ...shards],
      json,
      weights: Buffer.concat(shards.map(shard => needed(files, shard, name))),
    }
  })
}

function kerasPairs(files: Files, jsons: ReadonlyMap<string, Json>): Candidates {
  const weights = namesStarting(files, hdf5Magic)
  if (weights.length === 0) return []
  const configs = preferred([...jsons].filter(([, json]) => isKerasConfig(json)).map(([name]) => name))
  return configs.map(name => () => {
    const config = jsons.get(name)
    const stem = name.replace(/\.json$/, '')
    const own = weights.filter(file => file.replace(/(\.weights)?\.h(df)?5$/, '') === stem)
    const [file, other] = own.length > 0 ? own : preferred(weights)
    if (file === undefined || other !== undefined || !isObject(config)) {
      throw new PredictorError('model.ambiguous', `which of ${weights.join(', ')} belongs to ${name}?`, {
        hint: `name it ${stem}.h5`,
      })
    }
    return { format: 'keras-json-h5', files: [name, file], config, hdf5: needed(files, file, name) }
  })
}

function kerasZips(files: Files): Candidates {
  return preferred(namesStarting(files, 'PK\x03\x04')).map(name => () => {
    const archive = needed(files, name, name)
    const config = unzip(archive, 'config.json')
    const hdf5 = unzip(archive, 'model.weights.h5')
    if (!config || !hdf5)
      throw new PredictorError(
        'model.unsupported',
        `${name} is an archive, but no Keras 3 model: it lacks config.json or model.weights.h5`,
      )
    return { format: 'keras-zip', files: [name], config: kerasConfig(config.toString('utf8'), name), hdf5 }
  })
}

function wholeHdf5(files: Files): Candidates {
  return preferred(namesStarting(files, hdf5Magic)).map(name => () => {
    const hdf5 = needed(files, name, name)
    const config = configInHdf5(openHdf5(hdf5, name))
    if (config === undefined) {
      throw new PredictorError('model.missing', `${name} holds weights alone, and no architecture lies beside it`, {
        hint: 'add the model.json that Keras writes with to_json()',
      })
    }
    return { format: 'keras-h5', files: [name], config: kerasConfig(config, name), hdf5 }
  })
}

const hdf5Magic = '\x89HDF\r\n\x1a\n'

function namesStarting(files: Files, magic: string): string[] {
  return [...files]
    .filter(([, bytes]) => bytes.subarray(0, magic.length).toString('latin1') === magic)
    .map(([name]) => name)
}

/** The name `model.…` wins over others, so that a backup copy beside it does no harm. */
function preferred(names: readonly string[]): readonly string[] {
  const named = names.filter(name => name.startsWith('model.'))
  return named.length > 0 ? named : names
}

function jsonFiles(files: Files): Map<string, Json> {
  const found = new Map<string, Json>()
  for (const [name, bytes] of files) {
    if (!name.endsWith('.json')) continue
    try {
      found.set(name, JSON.parse(bytes.toString('utf8')))
    } catch (error) {
      if (name === 'model.json')
        throw new PredictorError(
          'model.unreadable',
          `${name} is no JSON: ${error instanceof Error ? error.message : error}`,
        )
    }
  }
  return found
}

function kerasConfig(text: string, name: string): JsonObject {
  let config: Json
  try {
    config = JSON.parse(text)
  } catch (error) {
    throw new PredictorError('model.unreadable', `the architecture in ${name} is no JSON`, { cause: error })
  }
  if (isKerasConfig(config)) return config
  throw new PredictorError('model.unsupported', `the architecture in ${name} is not one of Keras`)
}

/** Weight files are plain names in the model's own folder: a manifest cannot reach out of it. */
function shardNames(json: JsonObject, name: string): string[] {
  const groups = Array.isArray(json.weightsManifest) ? json.weightsManifest : []
  return groups
    .flatMap((group: Json) => (isObject(group) && Array.isArray(group.paths) ? group.paths : []))
    .map((path: Json) => {
      if (typeof path !== 'string' || path === '' || /[/\\]/.test(path))
        throw new PredictorError(
          'model.unsupported',
          `${name} names a weight file outside its folder: ${JSON.stringify(path)}`,
        )
      return path
    })
}

function needed(files: Files, name: string, by: string): Buffer {
  const bytes = files.get(name)
  if (bytes === undefined) throw new PredictorError('model.missing', `${name}, which ${by} names, is missing`)
  return bytes
}
