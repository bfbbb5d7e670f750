import type { ModelInfo } from '../jobs.ts'
import type { Log } from '../log.ts'
import { cardFor, dateOf } from '../model/card.ts'
import { type Live, type LiveModel, liveModel } from '../model/live-model.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { findTextModel } from './find-model.ts'
import { formatName } from './model-file.ts'
import { type Classifier, classifier } from './naive-bayes.ts'

/** A live model of texts. */
export interface LiveTexts extends Live {
  readonly judge: Classifier
}

export function liveTexts(modelDir: string, log: Log): LiveModel<LiveTexts> {
  return liveModel({ modelDir, dataFile: undefined, fallbackData: undefined }, async snapshot => load(snapshot), log)
}

function load(snapshot: Snapshot): LiveTexts {
  const { id, file, model } = findTextModel(snapshot.files)
  const card = cardFor(id, snapshot.files)
  const info: ModelInfo = {
    name: 'american',
    id,
    format: formatName,
    engine: 'naive-bayes',
    date: dateOf(id, [file], snapshot),
    accuracy: numberAt(card, 'accuracy', 'heldOut') ?? null,
    rows: numberAt(card, 'metrics', 'test', 'rows') ?? numberAt(card, 'metrics', 'crossValidation', 'rows') ?? 0,
  }
  // Nothing is held but memory.
  return { info, judge: classifier(model), dispose() {} }
}

/** A number in a card that somebody else wrote. */
function numberAt(card: unknown, ...path: readonly string[]): number | undefined {
  let value: unknown = card
  for (const key of path)
    value = typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined
  return typeof value === 'number' ? value : undefined
}
