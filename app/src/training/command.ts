import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { messageOf, PredictorError } from '../errors.ts'
import { rowText } from '../gate/leakage.ts'
import { loadModel, type Model } from '../model/model.ts'
import { holdOut, parseTable, type Table } from '../model/table.ts'
import { loadEngine } from '../model/tensorflow.ts'
import { accuracyPercent, pythonFloat } from '../numbers.ts'
import type { Output } from './output.ts'
import { filesOf, save, writableFolder } from './save.ts'
import { type Epoch, train } from './train.ts'

export interface TrainDefaults {
  readonly data: string
  readonly modelDir: string
  readonly backend: 'auto' | 'cpu' | 'node'
}

export const trainUsage = `Usage: train [diabetes] [--data FILE] [--model-dir FOLDER] [--epochs N] [--batch-size N] [--seed N]

Trains a model on four fifths of the table, says how good it is, and writes it to the folder.
`

/** `train`: prints what the lab's training script printed, and the accuracy on the rows that it did not see. */
export async function trainCommand(args: readonly string[], defaults: TrainDefaults, output: Output): Promise<void> {
  const options = readOptions(args, defaults)
  const bytes = await readFile(options.data).catch(error => {
    throw new PredictorError('data.missing', `the data cannot be read: ${messageOf(error)}`)
  })
  const table = parseTable(bytes.toString('utf8'), basename(options.data))
  const parts = holdOut(table)
  if (parts.heldOut.labels.length === 0)
    throw new PredictorError('data.short', `${options.data} has too few rows to hold some out`, {
      hint: 'give at least 5 rows',
    })
  // before the minutes of training, not after them
  await writableFolder(options.modelDir)
  const engine = await loadEngine(defaults.backend)

  output.line(
    `Training on ${parts.training.labels.length} rows, ${parts.heldOut.labels.length} are held out (${engine.name})`,
  )
  const trained = await train(parts.training, options, engine, epoch => showEpoch(epoch, options.epochs, output))
  const accuracy = (model: Pick<Model, 'probabilities'>) => ({
    training: accuracyOf(model, parts.training),
    heldOut: accuracyOf(model, parts.heldOut),
  })
  const measured = accuracy({
    probabilities: rows =>
      engine.tf.tidy(() =>
        Float32Array.from([trained.predict(engine.tf.tensor2d(rows.map(row => [...row])))].flat()[0]?.dataSync() ?? []),
      ),
  })
  output.line(`Accuracy: ${measured.training.toFixed(2)}`)
  output.line(`Accuracy on held-out rows: ${measured.heldOut.toFixed(2)}`)

  const card = {
    trained: new Date().toISOString(),
    data: {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      training: parts.training.labels.length,
      heldOut: parts.heldOut.labels.length,
    },
    seed: options.seed,
    epochs: options.epochs,
    batchSize: options.batchSize,
    engine: engine.name,
    accuracy: measured,
  }
  const { features, labels } = parts.training
  const trainingRows = features.map((row, index) => rowText(row, labels[index] ?? 0))
  const id = await save(trained, options.modelDir, { card, trainingRows }, engine)
  trained.dispose()
  output.line(`Model ${id} in ${options.modelDir}`)
  output.line('Saved model to disk')

  const loaded = await loadModel(await filesOf(options.modelDir), engine)
  if (loaded.id !== id)
    throw new PredictorError('model.ambiguous', `${options.modelDir} holds another model as well`, {
      hint: 'train into a folder of its own',
    })
  output.line('Loaded model from disk')
  showSamples(loaded, table, output)
  loaded.dispose()
}

function readOptions(args: readonly string[], defaults: TrainDefaults) {
  let values: Record<string, string | undefined>
  try {
    const string = { type: 'string' } as const
    values = parseArgs({
      args: [...args],
      options: { data: string, 'model-dir': string, epochs: string, 'batch-size': string, seed: string },
    }).values
  } catch (error) {
    throw new PredictorError('usage', messageOf(error), { hint: trainUsage.split('\n')[0] ?? '' })
  }
  const integer = (name: string, fallback: number, least: number) => {
    const given = values[name]
    if (given === undefined) return fallback
    if (!/^\d{1,9}$/.test(given) || Number(given) < least)
      throw new PredictorError(
        'usage',
        `--${name} must be a whole number of at least ${least}, not ${JSON.stringify(given)}`,
      )
    return Number(given)
  }
  return {
    data: values.data ?? defaults.data,
    modelDir: values['model-dir'] ?? defaults.modelDir,
    epochs: integer('epochs', 150, 1),
    batchSize: integer('batch-size', 10, 1),
    seed: integer('seed', 7, 0),
  }
}

function showEpoch({ number, loss }: Epoch, epochs: number, output: Output): void {
  output.progress(`Epoch ${number}/${epochs} - loss: ${loss.toFixed(4)}`, number === epochs)
}

function showSamples(model: Model, { features, labels }: Table, output: Output): void {
  const rows = features.slice(0, 5)
  for (const [i, p] of model.probabilities(rows).entries()) {
    output.line(`[${rows[i]?.map(pythonFloat).join(', ')}] => ${p > 0.5 ? 1 : 0} (expected ${labels[i]})`)
  }
}

function accuracyOf(model: Pick<Model, 'probabilities'>, { features, labels }: Table): number {
  const right = [...model.probabilities(features)].filter((p, i) => Number(p > 0.5) === labels[i]).length
  return accuracyPercent(right, labels.length)
}
