import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { encodeModel, formatName } from '../american/model-file.ts'
import { classifier, type Features, fit, type NaiveBayes } from '../american/naive-bayes.ts'
import { parseTweets, type Tweets } from '../american/tweets.ts'
import { messageOf, PredictorError } from '../errors.ts'
import { trainingRowsFile, writeTrainingRows } from '../gate/leakage.ts'
import { idOf } from '../model/id.ts'
import { crossValidate, type Score, scoreOf } from './cross-validation.ts'
import type { Output } from './output.ts'
import { writableFolder } from './save.ts'
import { writeWhole } from './write-whole.ts'

export const americanUsage = `Usage: train american [--data FILE] [--test FILE] [--model-dir FOLDER]
                      [--features tfidf|counts] [--alpha NUMBER] [--author NAME]

Learns to tell American texts from others. FILE is comma-separated, with a header and the columns text and country_code.
Says how good the model is on texts that it did not see, and writes it, with its card, to the folder.
`

/** What is known about a model of texts. Accuracies in percent. */
export interface TextCard {
  /** The id of the model that this card belongs to. */
  readonly model: string
  readonly name: 'american'
  readonly format: typeof formatName
  /** ISO 8601. */
  readonly trained: string
  readonly author: string
  /** The version of the code that trained it. */
  readonly version: string
  readonly data: { readonly file: string; readonly sha256: string; readonly rows: number; readonly american: number }
  readonly parameters: { readonly features: Features; readonly alpha: number; readonly words: number }
  readonly accuracy: { readonly training: number; readonly heldOut: number | undefined }
  readonly metrics: {
    readonly crossValidation: (Score & { readonly folds: number }) | undefined
    readonly test: (Score & { readonly file: string; readonly sha256: string }) | undefined
  }
}

export interface AmericanDefaults {
  readonly data: string
  readonly modelDir: string
  readonly version: string
}

const folds = 5

interface Options {
  readonly data: string
  readonly test: string | undefined
  readonly modelDir: string
  readonly features: Features
  readonly alpha: number
  readonly author: string
}

/** `train american`: trains on every row; how good that is, the five fifths tell, each judged by a model without it. */
export async function trainAmerican(
  args: readonly string[],
  defaults: AmericanDefaults,
  output: Output,
): Promise<void> {
  const options = readOptions(args, defaults)
  const [data, test] = [
    await readTweets(options.data),
    options.test === undefined ? undefined : await readTweets(options.test),
  ]
  await writableFolder(options.modelDir)
  const { texts, labels } = data.tweets
  const american = labels.filter(label => label === 1).length
  output.line(`Training on ${texts.length} texts, ${american} of them American`)
  const model = fit(texts, labels, options)
  const crossValidation = crossValidate(data.tweets, options, folds, fold =>
    output.progress(`Fold ${fold}/${folds}`, fold === folds),
  )
  const tested = test && { file: test.file, sha256: test.sha256, ...scoreOf(classifier(model), test.tweets) }
  const training = scoreOf(classifier(model), data.tweets)
  output.line(`Accuracy: ${training.accuracy.toFixed(2)}`)
  if (crossValidation)
    output.line(`Accuracy on held-out texts: ${crossValidation.accuracy.toFixed(2)} (${folds} folds)`)
  else output.line('Accuracy on held-out texts: too few texts to hold some out')
  if (tested) output.line(`Accuracy on ${tested.file}: ${tested.accuracy.toFixed(2)}`)

  const card: Omit<TextCard, 'model'> = {
    name: 'american',
    format: formatName,
    trained: new Date().toISOString(),
    author: options.author,
    version: defaults.version,
    data: { file: data.file, sha256: data.sha256, rows: texts.length, american },
    parameters: { features: options.features, alpha: options.alpha, words: model.words.length },
    accuracy: { training: training.accuracy, heldOut: (tested ?? crossValidation)?.accuracy },
    metrics: { crossValidation: crossValidation && { folds, ...crossValidation }, test: tested },
  }
  const id = await saveModel(model, options.modelDir, card, texts)
  output.line(`Model ${id} in ${options.modelDir}`)
  output.line('Saved model to disk')
}

/** Writes model, card and the digests of the training rows, and returns the model's id. */
async function saveModel(
  model: NaiveBayes,
  dir: string,
  card: Omit<TextCard, 'model'>,
  texts: readonly string[],
): Promise<string> {
  const file = encodeModel(model)
  const id = idOf(new Map([['model.json', file]]), ['model.json'])
  await writeWhole(
    dir,
    new Map([
      ['model.json', file],
      ['card.json', Buffer.from(`${JSON.stringify({ model: id, ...card } satisfies TextCard, null, 2)}\n`)],
      [trainingRowsFile, Buffer.from(writeTrainingRows(texts))],
    ]),
  )
  return id
}

async function readTweets(path: string): Promise<{ tweets: Tweets; file: string; sha256: string }> {
  const bytes = await readFile(path).catch(error => {
    throw new PredictorError('data.missing', `the data cannot be read: ${messageOf(error)}`)
  })
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { tweets: parseTweets(bytes, path), file: basename(path), sha256 }
}

function readOptions(args: readonly string[], defaults: AmericanDefaults): Options {
  const usage = { hint: americanUsage.split('\n\n')[0] ?? '' }
  let values: Record<string, string | undefined>
  try {
    const string = { type: 'string' } as const
    values = parseArgs({
      args: [...args],
      options: { data: string, test: string, 'model-dir': string, features: string, alpha: string, author: string },
    }).values
  } catch (error) {
    throw new PredictorError('usage', messageOf(error), usage)
  }
  const problems: string[] = []
  const features = values.features ?? 'tfidf'
  if (features !== 'tfidf' && features !== 'counts')
    problems.push(`--features must be tfidf or counts, not ${JSON.stringify(features)}`)
  const alpha = values.alpha ?? '1'
  if (!/^\d+(\.\d+)?$/.test(alpha) || !(Number(alpha) > 0))
    problems.push(`--alpha must be a number above 0, not ${JSON.stringify(alpha)}`)
  if (problems.length > 0) throw new PredictorError('usage', problems.join('\n'), usage)
  return {
    data: values.data ?? defaults.data,
    test: values.test,
    modelDir: values['model-dir'] ?? defaults.modelDir,
    features: features === 'counts' ? 'counts' : 'tfidf',
    alpha: Number(alpha),
    author: values.author ?? userName(),
  }
}

/** Who trains; a container may run as a number that has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.()}`
  }
}
