import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { encodeModel } from '../american/model-file.ts'
import { type Features, fit } from '../american/naive-bayes.ts'
import { parseTweets } from '../american/tweets.ts'

const app = fileURLToPath(new URL('../../', import.meta.url))

export const dataFile = (name: string): string => join(app, 'data', name)

/** A folder as the lab has it: a Keras 2 model in two files, and the seven rows. */
export function labFolder(model: 'a' | 'b' = 'a'): string {
  const dir = mkdtempSync(join(tmpdir(), 'app-model-'))
  putModel(dir, model)
  cpSync(dataFile('pima-lab-7.csv'), join(dir, 'pima-indians-diabetes.csv'))
  return dir
}

/** Writes a model over another one, as a checkout does: one file after the other, in place. */
export function putModel(dir: string, model: 'a' | 'b'): void {
  for (const [from, to] of [
    ['h5', 'model.h5'],
    ['json', 'model.json'],
  ] as const) {
    cpSync(join(app, `fixtures/keras/${model}.keras2.${from}`), join(dir, to))
  }
}

export function putRows(dir: string, rows: string): void {
  writeFileSync(join(dir, 'pima-indians-diabetes.csv'), rows)
}

/** The model of the 3,000 texts, as bytes. */
export function americanModel(features: Features = 'tfidf'): Buffer {
  const { texts, labels } = parseTweets(readFileSync(dataFile('american/train.csv')), 'train.csv')
  return encodeModel(fit(texts, labels, { features, alpha: 1 }))
}

/** A folder with that model in it. */
export function americanFolder(features: Features = 'tfidf'): string {
  const dir = mkdtempSync(join(tmpdir(), 'app-american-'))
  writeFileSync(join(dir, 'model.json'), americanModel(features))
  return dir
}
