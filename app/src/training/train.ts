import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import type { Sequential } from '@tensorflow/tfjs-layers'
import type { Table } from '../model/table.ts'
import type { Engine } from '../model/tensorflow.ts'
import { seededRandom } from '../numbers.ts'

export interface TrainingOptions {
  readonly epochs: number
  readonly batchSize: number
  readonly seed: number
}

export interface Epoch {
  readonly number: number
  /** The mean loss of the epoch's batches. */
  readonly loss: number
}

/**
 * Trains the 8-12-8-1 network (as wide as the table is) and returns one that takes raw rows and gives probabilities.
 * The same table, options and engine give the same weights. The caller disposes of the model.
 */
export async function train(
  table: Table,
  options: TrainingOptions,
  { tf }: Engine,
  onEpoch: (epoch: Epoch) => void,
): Promise<Sequential> {
  const scale = scaleOf(table)
  const rows = table.features.map(row =>
    row.map((value, column) => (value - at(scale.mean, column)) / at(scale.spread, column)),
  )
  const width = scale.mean.length
  const network = layers(tf, { width, seed: options.seed, output: 'linear' })
  const optimizer = tf.train.adam(0.001)
  const random = seededRandom(options.seed)
  const order = rows.map((_, index) => index)
  try {
    for (let number = 1; number <= options.epochs; number++) {
      shuffle(order, random)
      let sum = 0
      for (let start = 0; start < order.length; start += options.batchSize) {
        const batch = order.slice(start, start + options.batchSize)
        sum += tf.tidy(() => {
          const x = tf.tensor2d(batch.map(index => rows[index] ?? []))
          const y = tf.tensor2d(batch.map(index => [at(table.labels, index)]))
          // TensorFlow.js clips a sigmoid's output before the cross entropy, and some seeds then stay stuck at "all zeros":
          // the loss is taken of the logits, as Keras does it, and the sigmoid is added afterwards.
          const loss = () =>
            tf.addN([
              tf.losses.sigmoidCrossEntropy<Tensor, Scalar>(y, single(network.apply(x, { training: true }))),
              ...network.calculateLosses(),
            ])
          return (optimizer.minimize(loss, true)?.dataSync()[0] ?? Number.NaN) * batch.length
        })
      }
      onEpoch({ number, loss: sum / order.length })
      // Lets the signal to stop, and the progress, through.
      await new Promise(resolve => setImmediate(resolve))
    }
    return withoutScaling(tf, network, scale)
  } finally {
    network.dispose()
    optimizer.dispose()
  }
}

/** Holds the weights small. Without it 150 epochs learn 615 rows by heart: 85 % on them, and 69 % on those held out. */
const shrinkage = 0.03

type TensorFlow = Engine['tf']

interface Scale {
  readonly mean: readonly number[]
  readonly spread: readonly number[]
}

/** Mean and standard deviation of each column; a column without any spread is left as it is. */
function scaleOf({ features }: Table): Scale {
  const columns = features[0]?.map((_, column) => features.map(row => at(row, column))) ?? []
  const mean = columns.map(values => values.reduce((sum, value) => sum + value, 0) / values.length)
  const spread = columns.map((values, column) => {
    const variance = values.reduce((sum, value) => sum + (value - at(mean, column)) ** 2, 0) / values.length
    return Math.sqrt(variance) || 1
  })
  return { mean, spread }
}

function layers(
  tf: TensorFlow,
  { width, seed, output }: { width: number; seed: number; output: 'linear' | 'sigmoid' },
): Sequential {
  const start = (layer: number) => tf.initializers.glorotUniform({ seed: seed * 1000 + layer })
  const shrink = output === 'linear' ? { kernelRegularizer: tf.regularizers.l2({ l2: shrinkage }) } : {}
  return tf.sequential({
    name: 'diabetes',
    layers: [
      tf.layers.dense({
        name: 'dense_1',
        units: 12,
        activation: 'relu',
        inputShape: [width],
        kernelInitializer: start(1),
      }),
      tf.layers.dense({
        name: 'dense_2',
        units: 8,
        activation: 'relu',
        kernelInitializer: start(2),
        ...shrink,
      }),
      tf.layers.dense({
        name: 'dense_3',
        units: 1,
        activation: output,
        kernelInitializer: start(3),
        ...shrink,
      }),
    ],
  })
}

/** The same network with the scaling worked into its first layer, so that it takes the rows as they are. */
function withoutScaling(tf: TensorFlow, network: Sequential, { mean, spread }: Scale): Sequential {
  const folded = layers(tf, { width: mean.length, seed: 0, output: 'sigmoid' })
  tf.tidy(() => {
    const [kernel, bias, ...others] = network.getWeights()
    if (kernel === undefined || bias === undefined) return
    const [weights, offsets, units] = [kernel.dataSync(), bias.dataSync(), kernel.shape[1] ?? 0]
    const scaled = Float32Array.from(weights, (weight, i) => weight / at(spread, Math.floor(i / units)))
    const moved = Float32Array.from(offsets, (offset, unit) =>
      mean.reduce(
        (sum, value, column) => sum - (value / at(spread, column)) * at(weights, column * units + unit),
        offset,
      ),
    )
    folded.setWeights([tf.tensor(scaled, [mean.length, units]), tf.tensor(moved, [units]), ...others])
  })
  return folded
}

function shuffle(order: number[], random: () => number): void {
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const [a, b] = [at(order, last), at(order, other)]
    order[last] = b
    order[other] = a
  }
}

function at(values: ArrayLike<number>, index: number): number {
  const value = values[index]
  if (value === undefined) throw new RangeError(`no value ${index} of ${values.length}`)
  return value
}

/** A network with one output gives one tensor. */
function single(output: ReturnType<Sequential['apply']>): Tensor {
  if (Array.isArray(output) || 'sourceLayer' in output) throw new TypeError('the network gave no single tensor')
  return output
}
