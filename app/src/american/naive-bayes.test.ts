import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { dataFile } from '../testing/model-dir.ts'
import { decodeModel, encodeModel } from './model-file.ts'
import { classifier, type Features, fit } from './naive-bayes.ts'
import { stopWords } from './stop-words.ts'
import { parseTweets } from './tweets.ts'
import { wordsOf } from './words.ts'

/** What scikit-learn answers, written by data/american/make-expected.py. */
interface Expected {
  readonly models: Record<Features, ExpectedModel>
  readonly test_tokens: Record<string, string[]>
  readonly seed_example: { text: string; tokens: string[]; prob_american: number; pred: number }
  readonly empty: { prob_american: number; pred: number }
  readonly unknown_words: { text: string; prob_american: number; pred: number }
}

interface ExpectedModel {
  readonly vocabulary_size: number
  readonly class_count: number[]
  readonly feature_log_prob_sum: number[]
  readonly accuracy: number
  readonly pred: number[]
  readonly prob_american: number[]
  readonly idf?: Record<string, number>
  readonly feature_log_prob: Record<string, number[]>
}

const read = (name: string) => readFileSync(dataFile(`american/${name}`))
const expected: Expected = JSON.parse(read('sklearn-expected.json').toString())
const training = parseTweets(read('train.csv'), 'train.csv')
const unseen = parseTweets(read('test.csv'), 'test.csv')
/** 9 digits behind the point: a hundred times what rounding in another order makes. */
const digits = 9

describe.each(['tfidf', 'counts'] as const)('with %s', features => {
  const wanted = expected.models[features]
  const model = fit(training.texts, training.labels, { features, alpha: 1 })
  // Written and read again: what is served comes from a file.
  const judge = classifier(decodeModel(encodeModel(model), 'model.json'))

  test("all 1,000 texts get scikit-learn's prediction, and its probability", () => {
    const judged = unseen.texts.map(judge)
    expect(judged.map(each => each.isAmerican)).toEqual(wanted.pred)
    const farthest = Math.max(...judged.map((each, i) => Math.abs(each.probability - (wanted.prob_american[i] ?? 9))))
    expect(farthest).toBeLessThan(1e-9)
    const right = judged.filter((each, i) => each.isAmerican === unseen.labels[i]).length
    expect(right / judged.length).toBe(wanted.accuracy)
  })

  test('what was learned is what scikit-learn learns', () => {
    expect([model.words.length, [...model.documents]]).toEqual([wanted.vocabulary_size, wanted.class_count])
    for (const [label, sum] of wanted.feature_log_prob_sum.entries())
      expect(model.logProbability[label === 0 ? 0 : 1].reduce((all, each) => all + each, 0)).toBeCloseTo(sum, 7)
    for (const [word, [no = 0, yes = 0]] of Object.entries(wanted.feature_log_prob)) {
      const index = model.words.indexOf(word)
      expect(model.logProbability[0][index]).toBeCloseTo(no, digits)
      expect(model.logProbability[1][index]).toBeCloseTo(yes, digits)
    }
    for (const [word, idf] of Object.entries(wanted.idf ?? {}))
      expect(model.idf?.[model.words.indexOf(word)]).toBeCloseTo(idf, digits)
  })
})

describe('a text', () => {
  const judge = classifier(fit(training.texts, training.labels, { features: 'tfidf', alpha: 1 }))

  test('is split into the words into which scikit-learn splits it', () => {
    const texts = Object.keys(expected.test_tokens).map(index => unseen.texts[Number(index)] ?? '')
    expect(texts.map(wordsOf)).toEqual(Object.values(expected.test_tokens))
    expect(wordsOf(expected.seed_example.text)).toEqual(expected.seed_example.tokens)
  })

  test('of the brief, an empty one and one of unknown words get what scikit-learn gives them', () => {
    for (const [text, { prob_american, pred }] of [
      [expected.seed_example.text, expected.seed_example],
      ['', expected.empty],
      [expected.unknown_words.text, expected.unknown_words],
    ] as const) {
      expect(judge(text).probability).toBeCloseTo(prob_american, digits)
      expect(judge(text).isAmerican).toBe(pred)
    }
  })

  test.each([
    ['a million characters', 'the neighbor of my neighbour likes color. '.repeat(25_000)],
    ['one endless word', 'a'.repeat(1_000_000)],
    ['emoji alone', '🇺🇸👩🏽‍💻👍'.repeat(1000)],
    ['halves of characters', '\ud800 \udc00 new york \ud83d'],
    ['control characters', '\0\x01\x7f\u2028\ufeff'],
    ["names of an object's own parts", '__proto__ constructor hasOwnProperty toString'],
  ])('of %s gets a probability', (_, text) => {
    const { isAmerican, probability } = judge(text)
    expect(probability >= 0 && probability <= 1).toBe(true)
    expect(isAmerican).toBe(probability > 0.5 ? 1 : 0)
  })

  test('that is certain does not fall off the end of the numbers', () => {
    const counts = classifier(fit(training.texts, training.labels, { features: 'counts', alpha: 1 }))
    expect(counts('color neighbor '.repeat(50_000))).toEqual({ isAmerican: 1, probability: 1 })
    expect(counts('colour neighbour '.repeat(50_000))).toEqual({ isAmerican: 0, probability: 0 })
  })
})

test("the stop words are scikit-learn's", () => {
  expect([...stopWords].sort()).toEqual(JSON.parse(read('stop-words-english.json').toString()))
})

test('the same texts give the same bytes', () => {
  const once = () => encodeModel(fit(training.texts, training.labels, { features: 'tfidf', alpha: 1 }))
  expect(once().equals(once())).toBe(true)
})

describe('training', () => {
  const options = { features: 'tfidf', alpha: 1 } as const

  test.each([
    ['no text at all', [], [], 'not one text is American: there is nothing to tell apart'],
    ['one class', ['yes', 'no'], [1, 1], 'every text is American: there is nothing to tell apart'],
    ['stop words alone', ['the', 'and a'], [0, 1], 'no text has a word that is no stop word'],
  ] as const)('of %s is refused', (_, texts, labels, message) => {
    expect(() => fit(texts, labels, options)).toThrow(message)
  })

  test('of two texts is enough', () => {
    const judge = classifier(fit(['color', 'colour'], [1, 0], options))
    expect([judge('color').isAmerican, judge('colour').isAmerican, judge('').isAmerican]).toEqual([1, 0, 0])
  })

  test('of one single word gives a model that can be read again', () => {
    const model = fit(['hello', 'hello'], [1, 0], options)
    expect(decodeModel(encodeModel(model), 'x')).toEqual(model)
    expect(classifier(model)('hello')).toEqual({ isAmerican: 0, probability: 0.5 })
  })
})
