import { PredictorError } from '../errors.ts'
import { type Files, refusePointers } from '../model/files.ts'
import { idOf } from '../model/id.ts'
import { decodeModel, looksLikeModel } from './model-file.ts'
import type { NaiveBayes } from './naive-bayes.ts'

/** A naive-Bayes model with the name of its file, and the id that the same file always has. */
export interface TextModel {
  readonly id: string
  readonly file: string
  readonly model: NaiveBayes
}

/** Finds the one naive-Bayes model of a folder, by its content; throws `model.…`. */
export function findTextModel(files: Files): TextModel {
  refusePointers(files)
  const found = [...files]
    .filter(([name, bytes]) => name.endsWith('.json') && looksLikeModel(bytes))
    .map(([name]) => name)
  // `model.json` wins over others, so that a backup copy beside it does no harm.
  const named = found.filter(name => name === 'model.json')
  const [name, other] = named.length > 0 ? named : found
  if (name === undefined) {
    const what =
      files.size === 0 ? 'the folder has no files' : `no naive-Bayes model among ${[...files.keys()].join(', ')}`
    throw new PredictorError('model.missing', what, { hint: 'make one with `mlops train american`' })
  }
  if (other !== undefined)
    throw new PredictorError('model.ambiguous', `there is more than one model: ${found.join(', ')}`, {
      hint: 'leave one in the folder, or name it model.json',
    })
  return { id: idOf(files, [name]), file: name, model: decodeModel(files.get(name) ?? Buffer.alloc(0), name) }
}
