import '@tensorflow/tfjs-backend-cpu'
import * as core from '@tensorflow/tfjs-core'
import * as layers from '@tensorflow/tfjs-layers'
import type { TensorFlow } from './tensorflow.ts'

/** TensorFlow.js in pure JavaScript. A file of its own, so that only processes that predict load it. */
export const tf: TensorFlow = {
  addN: core.addN,
  enableProdMode: core.enableProdMode,
  getBackend: core.getBackend,
  io: core.io,
  losses: core.losses,
  memory: core.memory,
  mean: core.mean,
  ready: core.ready,
  tensor: core.tensor,
  tensor2d: core.tensor2d,
  tidy: core.tidy,
  train: core.train,
  initializers: layers.initializers,
  layers: layers.layers,
  loadLayersModel: layers.loadLayersModel,
  models: layers.models,
  regularizers: layers.regularizers,
  sequential: layers.sequential,
}
