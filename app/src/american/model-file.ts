import { messageOf, PredictorError } from '../errors.ts'
import type { NaiveBayes } from './naive-bayes.ts'

/** What stands in `format`: a file says what it is. */
export const formatName = 'mlops-naive-bayes'
const formatVersion = 1
/** How texts become words: another way would be another name, since its words would not fit. */
const analyzer = 'lowercase words of 2 or more, without 318 English stop words'

/** The model as one JSON file: data alone, no code. The same model gives the same bytes. */
export function encodeModel({ features, alpha, documents, words, idf, logProbability }: NaiveBayes): Buffer {
  const numbers = (values: readonly number[]) => `[${values.join(',')}]`
  const lines = [
    `"format":${JSON.stringify(formatName)}`,
    `"version":${formatVersion}`,
    `"analyzer":${JSON.stringify(analyzer)}`,
    `"features":${JSON.stringify(features)}`,
    `"alpha":${alpha}`,
    `"documents":${numbers(documents)}`,
    `"words":${JSON.stringify(words)}`,
    ...(idf === undefined ? [] : [`"idf":${numbers(idf)}`]),
    `"logProbability":[${logProbability.map(numbers).join(',')}]`,
  ]
  return Buffer.from(`{${lines.join(',\n')}}\n`)
}

/** Says whether these bytes are meant to be a model of this kind, be it a broken one. A card names the format as well, but not first. */
export function looksLikeModel(bytes: Buffer): boolean {
  return new RegExp(`^\\s*\\{\\s*"format"\\s*:\\s*"${formatName}"`).test(bytes.subarray(0, 256).toString('utf8'))
}

/** Reads a model and checks it whole; throws `model.unreadable` with every problem, or `model.unsupported`. */
export function decodeModel(bytes: Buffer, name: string): NaiveBayes {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new PredictorError('model.unreadable', `${name} is no JSON: ${messageOf(error)}`)
  }
  const fields = typeof json === 'object' && json !== null ? new Map(Object.entries(json)) : new Map<string, unknown>()
  if (fields.get('format') !== formatName) {
    throw new PredictorError(
      'model.unsupported',
      `${name} is no naive-Bayes model: "format" is not ${JSON.stringify(formatName)}`,
      {
        hint: 'make one with `mlops train american`',
      },
    )
  }
  if (fields.get('version') !== formatVersion || fields.get('analyzer') !== analyzer) {
    throw new PredictorError(
      'model.unsupported',
      `${name} is of version ${JSON.stringify(fields.get('version'))}, or splits texts in another way; this program reads version ${formatVersion}`,
      { hint: 'train it again with this version' },
    )
  }
  const problems: string[] = []
  const model = checked(fields, problem => problems.push(problem))
  if (model !== undefined && problems.length === 0) return model
  throw new PredictorError('model.unreadable', `${name}: ${problems.join('; ')}`)
}

const keys = ['format', 'version', 'analyzer', 'features', 'alpha', 'documents', 'words', 'idf', 'logProbability']

/** Checks the fields of version 1: `undefined`, with at least one problem told, when they make no model. */
function checked(fields: ReadonlyMap<string, unknown>, tell: (problem: string) => void): NaiveBayes | undefined {
  for (const key of fields.keys()) if (!keys.includes(key)) tell(`${JSON.stringify(key)} is unknown`)
  const features = fields.get('features')
  const alpha = fields.get('alpha')
  if (features !== 'counts' && features !== 'tfidf') return void tell('"features" must be "counts" or "tfidf"')
  if (typeof alpha !== 'number' || !(alpha > 0)) return void tell('"alpha" must be a number above 0')

  const words = fields.get('words')
  if (!Array.isArray(words) || words.length === 0) return void tell('"words" must be a list that is not empty')
  const texts = words.filter((word): word is string => typeof word === 'string' && word.length > 1)
  if (texts.length !== words.length) return void tell('"words" must hold texts of two characters or more')
  if (new Set(texts).size !== texts.length) tell('"words" names a word twice')

  const numbers = (what: string, value: unknown, length: number, fits: (n: number) => boolean): readonly number[] => {
    if (!Array.isArray(value) || value.length !== length) tell(`${what} must have ${length} numbers`)
    else {
      const bad = value.findIndex(each => typeof each !== 'number' || !Number.isFinite(each) || !fits(each))
      if (bad === -1) return value
      tell(`${what}[${bad}] cannot be ${JSON.stringify(value[bad])}`)
    }
    return []
  }
  const documents = numbers('"documents"', fields.get('documents'), 2, n => Number.isSafeInteger(n) && n > 0)
  const idf = features === 'tfidf' ? numbers('"idf"', fields.get('idf'), texts.length, n => n > 0) : undefined
  if (features === 'counts' && fields.has('idf')) tell('"idf" does not belong to "counts"')
  const both = fields.get('logProbability')
  const [first, second]: unknown[] = Array.isArray(both) && both.length === 2 ? both : []
  const perClass = [first, second].map((value, label) => {
    const values = numbers(
      `"logProbability"[${label}]`,
      value,
      texts.length,
      n => n < 0 || (n === 0 && texts.length === 1),
    )
    const sum = values.reduce((all, each) => all + Math.exp(each), 0)
    if (values.length > 0 && Math.abs(sum - 1) > 1e-6)
      tell(`the probabilities of "logProbability"[${label}] add up to ${sum}, not to 1`)
    return values
  })
  const [notAmerican = 0, american = 0] = documents
  const [no = [], yes = []] = perClass
  return { features, alpha, documents: [notAmerican, american], words: texts, idf, logProbability: [no, yes] }
}
