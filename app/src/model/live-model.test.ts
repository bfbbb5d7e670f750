import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { dataFile, labFolder, putModel, putRows } from '../testing/model-dir.ts'
import type { LiveModel } from './live-model.ts'
import { type LiveTable, liveTable } from './live-table.ts'
import { type Engine, loadEngine } from './tensorflow.ts'

const log = createLog('silent', 'test')
let engine: Engine
beforeAll(async () => {
  engine = await loadEngine('cpu')
})

const open = (modelDir: string): LiveModel<LiveTable> =>
  liveTable({ modelDir, dataFile: undefined, fallbackData: dataFile('held-out.csv') }, engine, log)
const accuracy = async (model: LiveModel<LiveTable>) => (await model.current()).info.accuracy

test('a model that was replaced in place is live at the next job', async () => {
  const dir = labFolder('a')
  const model = open(dir)
  const first = await model.current()
  expect(first.info).toMatchObject({
    accuracy: 71.42857313156128,
    rows: 7,
    format: 'keras-json-h5',
    engine: 'tfjs-cpu',
  })
  putModel(dir, 'b')
  const second = await model.current()
  expect(second.info.accuracy).toBe(57.14285969734192)
  expect(second.info.id).not.toBe(first.info.id)
})

test('files that did not change are not loaded again', async () => {
  const model = open(labFolder('a'))
  expect(await model.current()).toBe(await model.current())
})

test('new rows beside the model are served at the next job', async () => {
  const dir = labFolder('a')
  const model = open(dir)
  expect((await model.current()).info.rows).toBe(7)
  putRows(dir, '6,148,72,35,0,33.6,0.627,50,1\n')
  expect((await model.current()).info.rows).toBe(1)
})

test('a folder without rows is judged on the packaged held-out rows', async () => {
  const dir = labFolder('a')
  rmSync(join(dir, 'pima-indians-diabetes.csv'))
  expect((await open(dir).current()).info.rows).toBe(153)
})

test('a damaged model leaves the old one live, and a mended one is taken', async () => {
  const dir = labFolder('a')
  const model = open(dir)
  const before = await model.current()
  truncateSync(join(dir, 'model.h5'), 5000)
  expect(await model.current()).toBe(before)
  rmSync(join(dir, 'model.json'))
  expect(await model.current()).toBe(before)
  putRows(dir, 'no,number\n')
  expect(await model.current()).toBe(before)
  cpSync(dataFile('pima-lab-7.csv'), join(dir, 'pima-indians-diabetes.csv'))
  putModel(dir, 'b')
  expect(await accuracy(model)).toBe(57.14285969734192)
})

test('without any model the reason is given', async () => {
  const dir = labFolder('a')
  rmSync(join(dir, 'model.h5'))
  await expect(open(dir).current()).rejects.toThrow('no model among model.json')
  await expect(open(join(dir, 'missing')).current()).rejects.toThrow('the model folder')
})

test('a pair is never mixed, however the two files are being replaced meanwhile', async () => {
  const dir = labFolder('a')
  const model = open(dir)
  const seen = new Set([await accuracy(model)])
  // Each turn begins with one file of the new pair; the other follows while the job already waits.
  for (const next of ['b', 'a', 'b'] as const) {
    cpSync(new URL(`../../fixtures/keras/${next}.keras2.h5`, import.meta.url).pathname, join(dir, 'model.h5'))
    const answer = model.current()
    await new Promise(resolve => setImmediate(resolve))
    putModel(dir, next)
    const { info, model: loaded } = await answer
    seen.add(info.accuracy)
    expect(loaded.files).toEqual(['model.json', 'model.h5'])
  }
  expect([...seen].sort()).toEqual([57.14285969734192, 71.42857313156128])
})

test('a release behind a symlink is taken whole when the link is switched', async () => {
  const link = join(labFolder('a'), 'current')
  symlinkSync(labFolder('a'), link)
  const model = open(link)
  expect(await accuracy(model)).toBe(71.42857313156128)
  symlinkSync(labFolder('b'), `${link}.new`)
  renameSync(`${link}.new`, link)
  expect(await accuracy(model)).toBe(57.14285969734192)
})

test('the date of a model is that of its own card', async () => {
  const dir = labFolder('a')
  const { info } = await open(dir).current()
  const card = (model: string) =>
    writeFileSync(join(dir, 'card.json'), JSON.stringify({ model, trained: '2026-01-02T03:04:05.000Z' }))
  card(info.id)
  expect((await open(dir).current()).info.date).toBe('2026-01-02T03:04:05.000Z')
  card('another')
  expect((await open(dir).current()).info.date).toBe(info.date)
})

test('jobs that come at once load a new model once', async () => {
  const model = open(labFolder('a'))
  const all = await Promise.all(Array.from({ length: 20 }, () => model.current()))
  expect(new Set(all).size).toBe(1)
})

/** A folder of releases, as a delivery leaves it: `current` leads to one of them. */
function releases(): { dir: string; live: (model: 'a' | 'b') => void } {
  const dir = mkdtempSync(join(tmpdir(), 'app-releases-'))
  for (const model of ['a', 'b'] as const) {
    const release = join(dir, 'releases', model)
    mkdirSync(release, { recursive: true })
    putModel(release, model)
    cpSync(dataFile('pima-lab-7.csv'), join(release, 'pima-indians-diabetes.csv'))
    writeFileSync(join(release, 'release.json'), '{}')
  }
  const live = (model: 'a' | 'b') => {
    symlinkSync(join('releases', model), join(dir, '.new'))
    renameSync(join(dir, '.new'), join(dir, 'current'))
  }
  live('a')
  return { dir, live }
}

test('a new release is loaded beside the old one, which answers until then', async () => {
  const { dir, live } = releases()
  const model = open(dir)
  const before = await model.current()
  expect(before.info.accuracy).toBe(71.42857313156128)
  live('b')
  // whoever asks at once is answered at once
  expect(await model.current()).toBe(before)
  await expect.poll(() => accuracy(model), { timeout: 10_000 }).toBe(57.14285969734192)
  live('a')
  await model.refresh()
  await expect.poll(() => accuracy(model), { timeout: 10_000 }).toBe(71.42857313156128)
})

test('a release that cannot be loaded leaves the old one live', async () => {
  const { dir, live } = releases()
  truncateSync(join(dir, 'releases', 'b', 'model.h5'), 5000)
  const model = open(dir)
  const before = await model.current()
  live('b')
  await model.refresh()
  await model.refresh()
  expect(await model.current()).toBe(before)
})
