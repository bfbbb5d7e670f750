import { PredictorError } from '../errors.ts'

/** A value of a JSON file. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

export interface KerasLayer {
  readonly name: string
  readonly className: string
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Says whether a JSON file is an architecture as Keras writes it: TensorFlow.js calls a different file `model.json`, too. */
export function isKerasConfig(value: Json): value is JsonObject {
  return isObject(value) && typeof value.class_name === 'string' && 'config' in value
}

/** An architecture in the words of Keras 2, which TensorFlow.js reads, from either generation. */
export function toKeras2(config: JsonObject): JsonObject {
  const renamed = rename(config)
  return isObject(renamed) ? renamed : config
}

/** The layers in the order of the architecture; throws `model.unsupported` for what is not a list of layers. */
export function layersOf(config: JsonObject): KerasLayer[] {
  const inner = config.config
  // Keras before 2.2.3 wrote a Sequential's layers as the config itself.
  const list = Array.isArray(inner) ? inner : isObject(inner) ? inner.layers : undefined
  if (!Array.isArray(list))
    throw new PredictorError('model.unsupported', `a ${config.class_name} without a list of layers is not supported`)
  return list.map((layer: Json, index) => {
    const details = isObject(layer) ? layer.config : undefined
    if (!isObject(layer) || !isObject(details))
      throw new PredictorError('model.unsupported', `layer ${index + 1} of the architecture is not readable`)
    return { name: String(details.name ?? layer.name ?? index), className: String(layer.class_name) }
  })
}

/** What Keras 3 added and TensorFlow.js does not know. */
const added = new Set([
  'module',
  'registered_name',
  'build_config',
  'compile_config',
  'quantization_config',
  'optional',
  'shared_object_id',
  'input_axes',
  'output_axes',
])

function rename(value: Json): Json {
  if (Array.isArray(value)) return value.map(rename)
  if (!isObject(value)) return value
  if (value.class_name === 'DTypePolicy') return isObject(value.config) ? (value.config.name ?? 'float32') : 'float32'
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !added.has(key))
      .map(([key, inner]) => [key === 'batch_shape' ? 'batch_input_shape' : key, rename(inner)]),
  )
}
