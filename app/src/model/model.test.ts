import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { accuracyPercent, pythonFloat } from '../numbers.ts'
import type { Files } from './format.ts'
import { loadModel } from './model.ts'
import { parseTable } from './table.ts'
import { type Engine, loadEngine } from './tensorflow.ts'

const at = (path: string) => new URL(`../../${path}`, import.meta.url)
const fixture = (name: string) => readFileSync(at(`fixtures/keras/${name}`))
const table = (name: string) => parseTable(readFileSync(at(`data/${name}`), 'utf8'), name)
/** Probabilities that Keras itself gave, by fixtures/keras/make-fixtures.py. */
const expected: {
  models: Record<string, { predicted_7: number[]; accuracy_7: number; accuracy_768: number; prob_768: number[] }>
} = JSON.parse(fixture('expected.json').toString())

const layouts: [string, 'a' | 'b', string, Files][] = [
  [
    'Keras 2 model.json and model.h5',
    'a',
    'keras-json-h5',
    files(['model.json', 'a.keras2.json'], ['model.h5', 'a.keras2.h5']),
  ],
  [
    'Keras 2 with hidden layers of another kind',
    'b',
    'keras-json-h5',
    files(['model.json', 'b.keras2.json'], ['model.h5', 'b.keras2.h5']),
  ],
  [
    'Keras 3 JSON with .weights.h5',
    'a',
    'keras-json-h5',
    files(['model.json', 'a.keras3.json'], ['model.weights.h5', 'a.weights.h5']),
  ],
  [
    'Keras 3 JSON with the weights of Keras 2',
    'a',
    'keras-json-h5',
    files(['any.json', 'a.keras3.json'], ['any.h5', 'a.keras2.h5']),
  ],
  ['Keras 3 .keras', 'a', 'keras-zip', files(['model.keras', 'a.keras'])],
  ['a whole model in one legacy .h5', 'a', 'keras-h5', files(['model.h5', 'a.keras3-legacy.h5'])],
]

function files(...pairs: [string, string][]): Files {
  return new Map(pairs.map(([name, source]) => [name, fixture(source)]))
}

let engine: Engine
beforeAll(async () => {
  engine = await loadEngine('cpu')
})

test.each(layouts)('%s gives the probabilities that Keras gives', async (_, name, format, stored) => {
  const model = await loadModel(stored, engine)
  const wanted = expected.models[name]
  const all = table('pima-indians-diabetes.csv')
  const given = model.probabilities(all.features)
  expect(model.format).toBe(format)
  expect(model.width).toBe(8)
  expect(Math.max(...given.map((p, i) => Math.abs(p - (wanted?.prob_768[i] ?? Number.NaN))))).toBeLessThan(1e-5)
  const right = all.labels.filter((label, i) => label === Number((given[i] ?? 0) > 0.5)).length
  expect(accuracyPercent(right, 768)).toBe(wanted?.accuracy_768)
  model.dispose()
})

test('the seven rows of the lab have the accuracies that Keras prints for them', async () => {
  const seven = table('pima-lab-7.csv')
  const texts: string[] = []
  for (const name of ['a', 'b']) {
    const model = await loadModel(
      files(['model.json', `${name}.keras2.json`], ['model.h5', `${name}.keras2.h5`]),
      engine,
    )
    const predicted = [...model.probabilities(seven.features)].map(p => Number(p > 0.5))
    expect(predicted).toEqual(expected.models[name]?.predicted_7)
    texts.push(pythonFloat(accuracyPercent(seven.labels.filter((label, i) => label === predicted[i]).length, 7)))
  }
  expect(texts).toEqual(['71.42857313156128', '57.14285969734192'])
})

test('one model has one id wherever it lies, and another model another', async () => {
  const id = async (stored: Files) => (await loadModel(stored, engine)).id
  const first = files(['model.json', 'a.keras2.json'], ['model.h5', 'a.keras2.h5'])
  expect(await id(new Map([...first, ['notes.txt', Buffer.from('new')]]))).toBe(await id(first))
  expect(await id(files(['model.json', 'b.keras2.json'], ['model.h5', 'b.keras2.h5']))).not.toBe(await id(first))
})

test('loading and dropping models leaves no tensors behind', async () => {
  const before = engine.tf.memory().numTensors
  for (let i = 0; i < 20; i++) {
    const model = await loadModel(files(['model.keras', 'a.keras']), engine)
    model.probabilities([[6, 148, 72, 35, 0, 33.6, 0.627, 50]])
    model.dispose()
    await expect(
      loadModel(
        new Map([
          ['model.json', wider],
          ['model.h5', h5],
        ]),
        engine,
      ),
    ).rejects.toThrow()
  }
  expect(engine.tf.memory().numTensors).toBe(before)
})

const half = (name: string) => fixture(name).subarray(0, Math.floor(fixture(name).length / 2))
const json = fixture('a.keras2.json')
const h5 = fixture('a.keras2.h5')
const wider = Buffer.from(json.toString().replace('[null, 8]', '[null, 9]'))
const twoOutputs = Buffer.from(json.toString().replace('"units": 1,', '"units": 2,'))

test.each<[string, Record<string, Buffer>, string]>([
  ['an empty folder', {}, 'the folder has no files'],
  ['a folder without a model', { 'a.csv': Buffer.from('1,2') }, 'no model among a.csv'],
  ['a model.json that is cut off', { 'model.json': half('a.keras2.json'), 'model.h5': h5 }, 'model.json is no JSON'],
  [
    'an HDF5 file that is cut off',
    { 'model.json': json, 'model.h5': half('a.keras2.h5') },
    'model.h5 cannot be read as HDF5',
  ],
  ['an archive that is cut off', { 'model.keras': half('a.keras') }, 'the archive is cut off'],
  ['another archive', { 'model.keras': fixture('a.keras').subarray(0, 4) }, 'the archive is cut off'],
  ['weights without an architecture', { 'model.h5': h5 }, 'model.h5 holds weights alone'],
  ['an architecture without weights', { 'model.json': json }, 'no model among model.json'],
  ['weights of another shape', { 'model.json': wider, 'model.h5': h5 }, 'cannot be loaded as keras-json-h5'],
  ['a model with two outputs', { 'model.json': twoOutputs, 'model.h5': h5 }, 'cannot be loaded as keras-json-h5'],
  [
    'a Git LFS pointer',
    {
      'model.json': json,
      'model.h5': Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 15856\n'),
    },
    'model.h5 is a Git LFS pointer',
  ],
  ['two models', { 'a.keras': fixture('a.keras'), 'b.keras': fixture('a.keras') }, 'more than one model'],
  [
    'two files of weights',
    { 'model.json': json, 'x.h5': h5, 'y.h5': h5 },
    'which of x.h5, y.h5 belongs to model.json?',
  ],
  [
    'a layer with code in it',
    { 'model.json': Buffer.from(json.toString().replace('"Dense"', '"Lambda"')), 'model.h5': h5 },
    'Unknown layer: Lambda',
  ],
  [
    'weights outside the folder',
    {
      'model.json': Buffer.from('{"modelTopology":{},"weightsManifest":[{"paths":["../../etc/passwd"],"weights":[]}]}'),
    },
    'names a weight file outside its folder',
  ],
  [
    'a missing weight file',
    { 'model.json': Buffer.from('{"modelTopology":{},"weightsManifest":[{"paths":["w.bin"],"weights":[]}]}') },
    'w.bin, which model.json names, is missing',
  ],
])('%s is refused in words', async (_, stored, message) => {
  await expect(loadModel(new Map(Object.entries(stored)), engine)).rejects.toThrow(message)
})

test('rows of another width are refused in words', async () => {
  const model = await loadModel(files(['model.keras', 'a.keras']), engine)
  expect(() => model.probabilities([[1, 2, 3]])).toThrow('the model takes 8 features a row, the data have 3')
})
