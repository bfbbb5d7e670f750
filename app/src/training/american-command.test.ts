import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findTextModel } from '../american/find-model.ts'
import { classifier } from '../american/naive-bayes.ts'
import { dataFile } from '../testing/model-dir.ts'
import { type TextCard, trainAmerican } from './american-command.ts'
import { filesOf } from './save.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'app-american-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

async function train(...args: string[]): Promise<string[]> {
  const lines: string[] = []
  const defaults = { data: dataFile('american/train.csv'), modelDir: join(dir, 'american'), version: '1.2.3' }
  await trainAmerican(args, defaults, { line: text => lines.push(text), progress: text => lines.push(text) })
  return lines
}

const cardIn = (folder: string): TextCard => JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8'))

test('the model of this repository is what its data give, to the last byte', async () => {
  await train('--test', dataFile('american/test.csv'))
  const packaged = join(import.meta.dirname, '../../models/american')
  for (const file of ['model.json', 'training-rows.txt'])
    expect(readFileSync(join(dir, 'american', file)).equals(readFileSync(join(packaged, file))), file).toBe(true)
  const { data, accuracy, model } = cardIn(packaged)
  expect(cardIn(join(dir, 'american'))).toMatchObject({ data, accuracy, model })
})

test('a training leaves a model with its card, and says how good it is', async () => {
  const lines = await train('--test', dataFile('american/test.csv'), '--author', 'Ada <ada@example.org>')
  const folder = join(dir, 'american')
  const { id, model } = findTextModel(await filesOf(folder))
  expect(lines).toEqual([
    'Training on 3000 texts, 1650 of them American',
    'Fold 1/5',
    'Fold 2/5',
    'Fold 3/5',
    'Fold 4/5',
    'Fold 5/5',
    expect.stringMatching(/^Accuracy: \d\d\.\d\d$/),
    expect.stringMatching(/^Accuracy on held-out texts: \d\d\.\d\d \(5 folds\)$/),
    'Accuracy on test.csv: 83.50',
    `Model ${id} in ${folder}`,
    'Saved model to disk',
  ])
  expect(cardIn(folder)).toMatchObject({
    model: id,
    format: 'mlops-naive-bayes',
    author: 'Ada <ada@example.org>',
    version: '1.2.3',
    trained: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    data: {
      file: 'train.csv',
      sha256: createHash('sha256')
        .update(readFileSync(dataFile('american/train.csv')))
        .digest('hex'),
      rows: 3000,
      american: 1650,
    },
    parameters: { features: 'tfidf', alpha: 1, words: 1035 },
    metrics: {
      crossValidation: { folds: 5, rows: 3000 },
      test: {
        file: 'test.csv',
        rows: 1000,
        confusion: [
          [346, 142],
          [23, 489],
        ],
      },
    },
  })
  expect(classifier(model)('#covid19 new york').probability).toBeCloseTo(0.9537371258954617, 9)
  expect(readdirSync(folder).sort()).toEqual(['card.json', 'model.json', 'training-rows.txt'])
  expect(readdirSync(dir)).toEqual(['american'])
})

test('the same rows give the same model, other options another one', async () => {
  const ids: string[] = []
  for (const more of [[], [], ['--features', 'counts'], ['--alpha', '0.5']]) {
    await train(...more)
    ids.push(cardIn(join(dir, 'american')).model)
  }
  expect(ids[0]).toBe(ids[1])
  expect(new Set(ids).size).toBe(3)
})

test('what else lies in the folder stays, also behind a link', async () => {
  mkdirSync(join(dir, 'release'))
  writeFileSync(join(dir, 'release/notes.md'), 'mine')
  symlinkSync('release', join(dir, 'american'))
  await train()
  expect(readdirSync(join(dir, 'release')).sort()).toEqual(['card.json', 'model.json', 'notes.md', 'training-rows.txt'])
  expect(readdirSync(dir).sort()).toEqual(['american', 'release'])
})

test('few texts are trained on, and not judged', async () => {
  writeFileSync(join(dir, 'few.csv'), 'text,country_code\ncolor,US\ncolour,GB\n')
  const lines = await train('--data', join(dir, 'few.csv'))
  expect(lines).toContain('Accuracy on held-out texts: too few texts to hold some out')
})

describe('refused in words, and nothing is written, is', () => {
  test.each([
    [['--data', '/nonexistent.csv'], 'the data cannot be read: ENOENT'],
    [['--test', '/nonexistent.csv'], 'the data cannot be read: ENOENT'],
    [['--features', 'x', '--alpha', '-1'], '--alpha'],
    [
      ['--features', 'x', '--alpha=0'],
      '--features must be tfidf or counts, not "x"\n--alpha must be a number above 0, not "0"',
    ],
    [['--epochs', '3'], "Unknown option '--epochs'"],
  ])('%j', async (args, message) => {
    await expect(train(...args)).rejects.toThrow(message)
    expect(readdirSync(dir)).toEqual([])
  })

  test('a file in the place of the folder', async () => {
    writeFileSync(join(dir, 'american'), '')
    await expect(train()).rejects.toThrow('the model cannot be written: ')
  })
})
