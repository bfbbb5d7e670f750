import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { encodeModel } from '../american/model-file.ts'
import { fit } from '../american/naive-bayes.ts'
import { parseTweets } from '../american/tweets.ts'
import { americanModel, dataFile } from '../testing/model-dir.ts'
import { gateCommand } from './command.ts'
import { writeTrainingRows } from './leakage.ts'

const dir = mkdtempSync(join(tmpdir(), 'app-gate-texts-'))
afterAll(() => rmSync(dir, { recursive: true }))

const good = americanModel()
const tweets = (name: string) => parseTweets(readFileSync(dataFile(`american/${name}.csv`)), name)
/** The model with something put into its file. */
const but = (change: Record<string, unknown>) => JSON.stringify({ ...JSON.parse(good.toString()), ...change })

async function gate(files: Readonly<Record<string, string | Buffer>>, ...more: string[]) {
  const candidate = mkdtempSync(join(dir, 'candidate-'))
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(candidate, name), bytes)
  const live = mkdtempSync(join(dir, 'live-'))
  writeFileSync(join(live, 'model.json'), good)
  const lines: string[] = []
  const args = ['--candidate', candidate, '--name', 'american', '--data', dataFile('american/test.csv'), '--live', live]
  const status = await gateCommand([...args, ...more], { backend: 'cpu', version: '1.2.3' }, line => lines.push(line))
  return { status, text: lines.join('\n') }
}

test('a good model of texts is accepted, and written as a release', async () => {
  const { status, text } = await gate({ 'model.json': good }, '--out', dir)
  expect(status).toBe(0)
  const id = /accepted ([0-9a-f]{12})/.exec(text)?.[1] ?? ''
  const release = JSON.parse(readFileSync(join(dir, id, 'release.json'), 'utf8'))
  expect(release).toMatchObject({
    id,
    name: 'american',
    format: 'mlops-naive-bayes',
    accuracy: { right: 835, rows: 1000 },
  })
  expect(readFileSync(join(dir, id, 'model.json')).equals(good)).toBe(true)
})

const { texts, labels } = tweets('train')
const worse = encodeModel(
  fit(
    texts,
    labels.map((label, i) => (i % 3 === 0 ? (label === 1 ? 0 : 1) : label)),
    { features: 'tfidf', alpha: 50 },
  ),
)

test.each<[string, Record<string, string | Buffer>, string]>([
  ['nothing', {}, 'the folder has no files'],
  ['half of a file', { 'model.json': good.subarray(0, 30_000) }, 'model.json is no JSON'],
  [
    'a number that is none',
    { 'model.json': good.toString().replace(/"idf":\[[^,]*/, '"idf":[null') },
    '"idf"[0] cannot be null',
  ],
  [
    'a word too few',
    { 'model.json': but({ words: JSON.parse(good.toString()).words.slice(1) }) },
    '"idf" must have 1034 numbers',
  ],
  ['another version', { 'model.json': but({ version: 9 }) }, 'version 9'],
  ['a pickle', { 'model.pkl': 'x' }, 'model.pkl is a Python pickle'],
  [
    'a model of the table',
    { 'model.json': '{"class_name":"Sequential","config":[]}' },
    'no naive-Bayes model among model.json',
  ],
  ['a Git LFS pointer', { 'model.json': 'version https://git-lfs.github.com/spec/v1\n' }, 'is a Git LFS pointer'],
  ['a worse model', { 'model.json': worse }, 'FAILED  metric'],
])('%s is refused, and the pusher reads why', async (_, files, reason) => {
  const { status, text } = await gate(files)
  expect(text).toContain(reason)
  expect(status).toBe(3)
})

test('texts of the evaluation that were trained on are named', async () => {
  const test = tweets('test').texts
  const { text } = await gate({ 'model.json': good, 'training-rows.txt': writeTrainingRows(test.slice(0, 3)) })
  expect(text).toMatch(/^warning leakage: 3 of the 1000 rows of test\.csv were trained on \(row 1, 2, 3\): /m)
  const all = await gate({ 'model.json': good, 'training-rows.txt': writeTrainingRows(test) })
  expect(all.text).toMatch(
    / 1000 of the 1000 rows of test\.csv were trained on \(row 1, 2, 3, …\): its accuracy says nothing$/m,
  )
})

test('the model of this repository says once that tweets are alike, and how good it is on the others', async () => {
  const packaged = (name: string) => readFileSync(join(import.meta.dirname, '../../models/american', name))
  const files = { 'model.json': packaged('model.json'), 'training-rows.txt': packaged('training-rows.txt') }
  const { text } = await gate(files)
  expect(text.split('\n').filter(line => line.startsWith('warning'))).toEqual([
    'warning leakage: 59 of the 1000 rows of test.csv were trained on (row 69, 81, 109, …): on the other 941 its accuracy is 84.91 %',
  ])
})
