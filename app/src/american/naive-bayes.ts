import { PredictorError } from '../errors.ts'
import { wordsOf } from './words.ts'

/** How a text becomes numbers: how often each word stands in it, or that weighed by how rare the word is. */
export type Features = 'counts' | 'tfidf'

/** One value for each class: 0 (not American) and 1 (American). */
export type PerClass<T> = readonly [T, T]

/** What was learned: scikit-learn's CountVectorizer, TfidfTransformer and MultinomialNB in one value. */
export interface NaiveBayes {
  readonly features: Features
  /** The count that every word is given in advance. */
  readonly alpha: number
  /** How many texts of each class were seen. */
  readonly documents: PerClass<number>
  readonly words: readonly string[]
  /** The weight of each word; `undefined` for plain counts. */
  readonly idf: readonly number[] | undefined
  /** ln P(word | class), word by word. */
  readonly logProbability: PerClass<readonly number[]>
}

export interface Judgement {
  readonly isAmerican: 0 | 1
  /** That the author is American. */
  readonly probability: number
}

export type Classifier = (text: string) => Judgement

/** Learns from texts with their labels; throws `data.one-class` or `data.no-words` where there is nothing to learn. */
export function fit(
  texts: readonly string[],
  labels: readonly (0 | 1)[],
  { features, alpha }: { features: Features; alpha: number },
): NaiveBayes {
  const american = labels.filter(label => label === 1).length
  const documents = [labels.length - american, american] as const
  if (documents[0] === 0 || documents[1] === 0) {
    const one = american === 0 ? 'not one text is' : 'every text is'
    throw new PredictorError('data.one-class', `${one} American: there is nothing to tell apart`)
  }
  const counted = texts.map(text => countsOf(wordsOf(text)))
  const seenIn = new Map<string, number>()
  for (const counts of counted) for (const word of counts.keys()) seenIn.set(word, (seenIn.get(word) ?? 0) + 1)
  if (seenIn.size === 0) throw new PredictorError('data.no-words', 'no text has a word that is no stop word')

  const words = [...seenIn.keys()].sort()
  const indices = new Map(words.map((word, index) => [word, index]))
  const idf =
    features === 'tfidf'
      ? words.map(word => Math.log((1 + texts.length) / (1 + (seenIn.get(word) ?? 0))) + 1)
      : undefined
  const sums = [new Float64Array(words.length), new Float64Array(words.length)] as const
  for (const [document, counts] of counted.entries()) {
    const sum = sums[labels[document] ?? 0]
    for (const [index, value] of vectorOf(counts, indices, idf)) sum[index] = (sum[index] ?? 0) + value
  }
  const logProbability = (sum: Float64Array) => {
    const total = Math.log(sum.reduce((all, value) => all + value + alpha, 0))
    return Array.from(sum, value => Math.log(value + alpha) - total)
  }
  return { features, alpha, documents, words, idf, logProbability: [logProbability(sums[0]), logProbability(sums[1])] }
}

/** Makes what judges texts: each costs some microseconds. */
export function classifier({ words, idf, documents, logProbability }: NaiveBayes): Classifier {
  const indices = new Map(words.map((word, index) => [word, index]))
  const all = Math.log(documents[0] + documents[1])
  const prior = [Math.log(documents[0]) - all, Math.log(documents[1]) - all] as const
  return text => {
    let [no, yes] = prior
    for (const [index, value] of vectorOf(countsOf(wordsOf(text)), indices, idf)) {
      no += value * (logProbability[0][index] ?? 0)
      yes += value * (logProbability[1][index] ?? 0)
    }
    // Both may be far below what a double holds once they are no logarithms any more: only their distance matters.
    return { isAmerican: yes > no ? 1 : 0, probability: 1 / (1 + Math.exp(no - yes)) }
  }
}

function countsOf(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}

/** The known words of a text as indices and values; weighed ones have the length 1, as scikit-learn's `norm='l2'` makes them. */
function vectorOf(
  counts: ReadonlyMap<string, number>,
  indices: ReadonlyMap<string, number>,
  idf: readonly number[] | undefined,
): [index: number, value: number][] {
  const vector: [number, number][] = []
  let squares = 0
  for (const [word, count] of counts) {
    const index = indices.get(word)
    if (index === undefined) continue
    const value = count * (idf?.[index] ?? 1)
    squares += value * value
    vector.push([index, value])
  }
  if (idf === undefined || squares === 0) return vector
  const length = Math.sqrt(squares)
  return vector.map(([index, value]) => [index, value / length])
}
