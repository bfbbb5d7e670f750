import { encode, type ModelInfo, type Scores } from '../jobs.ts'
import type { Log } from '../log.ts'
import { accuracyPercent } from '../numbers.ts'
import { dateOf } from './card.ts'
import { type Live, type LiveModel, liveModel } from './live-model.ts'
import { loadModel, type Model } from './model.ts'
import type { Snapshot, Source } from './snapshot.ts'
import { parseTable } from './table.ts'
import type { Engine } from './tensorflow.ts'

/** A live model of the table, with its answers for the served rows: they change only when a file does. */
export interface LiveTable extends Live {
  readonly model: Model
  /** The encoded reply, ready to send. */
  readonly scores: Buffer
}

export function liveTable(source: Source, engine: Engine, log: Log): LiveModel<LiveTable> {
  return liveModel(source, snapshot => load(snapshot, engine), log)
}

async function load(snapshot: Snapshot, engine: Engine): Promise<LiveTable> {
  const table = parseTable(snapshot.data?.text ?? '', snapshot.data?.name ?? 'the table')
  const model = await loadModel(snapshot.files, engine)
  try {
    const probability = [...model.probabilities(table.features)]
    // Keras' own threshold: a probability of exactly one half is a 0.
    const predicted = probability.map(p => Number(p > 0.5))
    const right = table.labels.filter((label, i) => label === predicted[i]).length
    const accuracy = accuracyPercent(right, table.labels.length)
    const info: ModelInfo = {
      name: 'diabetes',
      id: model.id,
      format: model.format,
      engine: engine.name,
      date: dateOf(model.id, model.files, snapshot),
      accuracy,
      rows: table.labels.length,
    }
    const scores: Scores = { y: table.labels, predicted, probability, accuracy, model: info }
    return { model, info, scores: encode({ ok: true, result: scores }), dispose: () => model.dispose() }
  } catch (error) {
    model.dispose()
    throw error
  }
}
