import { findTextModel } from '../american/find-model.ts'
import { formatName } from '../american/model-file.ts'
import { classifier } from '../american/naive-bayes.ts'
import { parseTweets } from '../american/tweets.ts'
import { PredictorError } from '../errors.ts'
import type { Files } from '../model/files.ts'
import type { Evaluation, Judged } from './gate.ts'

const takes = 'texts'

/** Texts with their country, and how models of them are judged. Throws `data.…`. */
export function judgedByTexts(data: { readonly bytes: Buffer; readonly name: string }) {
  const { texts, labels } = parseTweets(data.bytes, data.name)
  const evaluation: Evaluation = { name: data.name, takes, labels, rows: texts }
  const open = async (files: Files): Promise<Judged> => {
    const { id, file, model } = findTextModel(files)
    const judge = classifier(model)
    return {
      id,
      format: formatName,
      files: [file],
      takes,
      label: () => texts.map(text => judge(text).isAmerican),
      smoke() {
        for (const text of edges) {
          const { probability } = judge(text)
          if (!(probability >= 0 && probability <= 1))
            throw new PredictorError(
              'model.not-finite',
              `the model answers with what is no probability: ${probability}`,
            )
        }
      },
      dispose() {},
    }
  }
  return { evaluation, open }
}

/** Texts at the edge of what is written: nothing at all, no known word, no letter, a very long one. */
const edges = ['', 'zzzq qqqz', '\u{1f637}\u200d\ud83d', 'new york '.repeat(10_000)]
