import type * as core from '@tensorflow/tfjs-core'
import type * as layers from '@tensorflow/tfjs-layers'
import { messageOf, PredictorError } from '../errors.ts'

/** What this application uses of TensorFlow.js: the pure packages and tfjs-node both have it. */
export type TensorFlow = Pick<
  typeof core,
  | 'addN'
  | 'enableProdMode'
  | 'getBackend'
  | 'io'
  | 'losses'
  | 'memory'
  | 'mean'
  | 'ready'
  | 'tensor'
  | 'tensor2d'
  | 'tidy'
  | 'train'
> &
  Pick<typeof layers, 'initializers' | 'layers' | 'loadLayersModel' | 'models' | 'regularizers' | 'sequential'>

export interface Engine {
  /** `tfjs-node` (native) or `tfjs-cpu` (pure JavaScript). */
  readonly name: string
  readonly tf: TensorFlow
}

/** Loads TensorFlow.js: native when somebody installed it, else the bundled one. */
export async function loadEngine(backend: 'auto' | 'cpu' | 'node'): Promise<Engine> {
  if (backend !== 'cpu') {
    try {
      return start('tfjs-node', await importNative())
    } catch (error) {
      if (backend === 'node') {
        throw new PredictorError('engine.missing', `@tensorflow/tfjs-node cannot be loaded: ${messageOf(error)}`, {
          hint: 'install @tensorflow/tfjs-node, or set BACKEND=auto',
        })
      }
    }
  }
  const { tf } = await import('./tensorflow-bundled.ts')
  return start('tfjs-cpu', tf)
}

async function start(name: string, tf: TensorFlow): Promise<Engine> {
  // Silences the advertisement that TensorFlow.js prints on Node.
  tf.enableProdMode()
  await tf.ready()
  return { name, tf }
}

async function importNative(): Promise<TensorFlow> {
  // The name stands in a variable so that neither the bundler nor the compiler looks for an optional package.
  const name = '@tensorflow/tfjs-node'
  return await import(name)
}
