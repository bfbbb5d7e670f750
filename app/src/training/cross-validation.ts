import { type Classifier, classifier, type Features, fit } from '../american/naive-bayes.ts'
import type { Tweets } from '../american/tweets.ts'
import { PredictorError } from '../errors.ts'

/** How often a model is right. */
export interface Score {
  readonly rows: number
  /** In percent. */
  readonly accuracy: number
  /** Texts by true class, then by predicted class; 0 is not American. */
  readonly confusion: readonly [readonly [number, number], readonly [number, number]]
}

export function scoreOf(judge: Classifier, { texts, labels }: Tweets): Score {
  return total(texts.map((text, index) => [labels[index] ?? 0, judge(text).isAmerican]))
}

/**
 * Judges each part of the texts by a model that was trained on the others. Rows are dealt out in turn, whatever chance says, so that
 * the same texts give the same score. `undefined` when there are too few texts of a class.
 */
export function crossValidate(
  { texts, labels }: Tweets,
  options: { features: Features; alpha: number },
  folds: number,
  onFold: (fold: number) => void,
): Score | undefined {
  const pairs: [truth: 0 | 1, predicted: 0 | 1][] = []
  for (let fold = 0; fold < folds; fold++) {
    const held = (_: unknown, index: number) => index % folds === fold
    const seen = (_: unknown, index: number) => index % folds !== fold
    try {
      const judge = classifier(fit(texts.filter(seen), labels.filter(seen), options))
      const truth = labels.filter(held)
      for (const [index, text] of texts.filter(held).entries()) pairs.push([truth[index] ?? 0, judge(text).isAmerican])
    } catch (error) {
      if (error instanceof PredictorError && error.code.startsWith('data.')) return undefined
      throw error
    }
    onFold(fold + 1)
  }
  return total(pairs)
}

function total(pairs: readonly (readonly [0 | 1, 0 | 1])[]): Score {
  const count = (truth: 0 | 1, guess: 0 | 1) => pairs.filter(([a, b]) => a === truth && b === guess).length
  const confusion = [
    [count(0, 0), count(0, 1)],
    [count(1, 0), count(1, 1)],
  ] as const
  return {
    rows: pairs.length,
    accuracy: pairs.length === 0 ? 0 : (100 * (confusion[0][0] + confusion[1][1])) / pairs.length,
    confusion,
  }
}
