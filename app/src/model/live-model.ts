import { setTimeout as delay } from 'node:timers/promises'
import { messageOf, PredictorError } from '../errors.ts'
import { encode, type ModelInfo, type Scores } from '../jobs.ts'
import type { Log } from '../log.ts'
import { accuracyPercent } from '../numbers.ts'
import type { Files } from './format.ts'
import { loadModel, type Model } from './model.ts'
import { type Look, look, read, type Snapshot, type Source } from './snapshot.ts'
import { parseTable } from './table.ts'
import type { Engine } from './tensorflow.ts'

/** A model that is live, with its answers for the served rows: they change only when a file does. */
export interface Live {
  readonly model: Model
  readonly info: ModelInfo
  /** The encoded replies, ready to send. */
  readonly scores: Buffer
  readonly description: Buffer
}

export interface LiveModel {
  /**
   * The model as it is on the disk now. Files that are still being written are waited for, so that a model is loaded
   * whole; what cannot be loaded leaves the old one live. Throws `model.…` or `data.…` when there is no old one.
   */
  current(): Promise<Live>
}

/** Files count as written when nothing has changed for this long. */
const settleMs = 250
/** Whoever writes for longer than this gets the old model meanwhile. */
const patienceMs = 3000

export function liveModel(source: Source, engine: Engine, log: Log): LiveModel {
  let live: { readonly value: Live; readonly mark: string } | undefined
  let refused: { readonly error: unknown; readonly mark: string } | undefined
  let turn: Promise<unknown> = Promise.resolve()

  async function refresh(): Promise<Live> {
    try {
      const seen = await look(source)
      if (seen.mark === live?.mark) return live.value
      if (seen.mark === refused?.mark) return keepOld(refused.error)
      return await replace(seen)
    } catch (error) {
      return keepOld(error)
    }
  }

  async function replace(seen: Look): Promise<Live> {
    let { mark } = seen
    try {
      const settled = await wholeSnapshot(source, seen)
      mark = settled.mark
      const value = await load(settled.snapshot, engine)
      log.info({ model: value.info, before: live?.value.info.id }, 'model is live')
      live?.value.model.dispose()
      live = { value, mark }
      return value
    } catch (error) {
      refused = { error, mark }
      log.error({ reason: messageOf(error), live: live?.value.info.id }, 'model refused')
      throw error
    }
  }

  function keepOld(error: unknown): Live {
    if (live === undefined) throw error
    return live.value
  }

  return {
    current() {
      // One at a time: two jobs at once must not load the same files twice.
      const mine = turn.then(refresh)
      turn = mine.catch(() => {})
      return mine
    },
  }
}

/** Waits until the files have been left alone for a moment, then reads them all; throws `model.unsettled` when patience ends. */
async function wholeSnapshot(source: Source, first: Look): Promise<{ snapshot: Snapshot; mark: string }> {
  const until = Date.now() + patienceMs
  for (let seen = first; Date.now() < until; seen = await look(source)) {
    const quietMs = Date.now() - seen.changedMs
    // A clock that was set back would make the change lie ahead: the wait is bounded by the settling time itself.
    if (quietMs < settleMs) await delay(Math.min(settleMs, settleMs - quietMs))
    const snapshot = await read(source, seen)
    if (snapshot !== undefined) return { snapshot, mark: seen.mark }
  }
  throw new PredictorError('model.unsettled', 'the model is still being written')
}

async function load({ files, data, writtenMs }: Snapshot, engine: Engine): Promise<Live> {
  const table = parseTable(data.text, data.name)
  const model = await loadModel(files, engine)
  try {
    const probability = [...model.probabilities(table.features)]
    // Keras' own threshold: a probability of exactly one half is a 0.
    const predicted = probability.map(p => Number(p > 0.5))
    const right = table.labels.filter((label, i) => label === predicted[i]).length
    const accuracy = accuracyPercent(right, table.labels.length)
    const info: ModelInfo = {
      id: model.id,
      format: model.format,
      engine: engine.name,
      date:
        trainedAt(files, model.id) ??
        new Date(Math.max(...model.files.map(name => writtenMs.get(name) ?? 0))).toISOString(),
      accuracy,
      rows: table.labels.length,
    }
    const scores: Scores = { y: table.labels, predicted, probability, accuracy, model: info }
    return {
      model,
      info,
      scores: encode({ ok: true, result: scores }),
      description: encode({ ok: true, result: info }),
    }
  } catch (error) {
    model.dispose()
    throw error
  }
}

/** The training date in `card.json`, when the card is that of this very model. */
function trainedAt(files: Files, id: string): string | undefined {
  try {
    const card: unknown = JSON.parse(files.get('card.json')?.toString('utf8') ?? '')
    if (typeof card !== 'object' || card === null || !('model' in card) || !('trained' in card)) return undefined
    return card.model === id && typeof card.trained === 'string' ? card.trained : undefined
  } catch {
    return undefined
  }
}
