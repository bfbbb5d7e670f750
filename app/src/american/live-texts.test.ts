import { renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { americanFolder, americanModel } from '../testing/model-dir.ts'
import { liveTexts } from './live-texts.ts'

const log = createLog('silent', 'test')
const open = (dir: string) => liveTexts(dir, log)

test('a model answers, and says what it is; one that took its place is live at the next job', async () => {
  const dir = americanFolder()
  const model = open(dir)
  const first = await model.current()
  expect(first.judge('#covid19 new york').isAmerican).toBe(1)
  expect(first.info).toMatchObject({
    name: 'american',
    format: 'mlops-naive-bayes',
    engine: 'naive-bayes',
    accuracy: null,
  })
  expect(await model.current()).toBe(first)
  writeFileSync(join(dir, 'model.json'), americanModel('counts'))
  expect((await model.current()).info.id).not.toBe(first.info.id)
})

test('a card beside the model gives date and accuracy, when it is its own', async () => {
  const dir = americanFolder()
  renameSync(join(dir, 'model.json'), join(dir, 'tweets.json'))
  const { id } = (await open(dir).current()).info
  const card = (model: string) =>
    writeFileSync(
      join(dir, 'card.json'),
      JSON.stringify({
        model,
        format: 'mlops-naive-bayes',
        trained: '2026-01-02T03:04:05.000Z',
        accuracy: { heldOut: 83.5 },
        metrics: { test: { rows: 1000 } },
      }),
    )
  card(id)
  expect((await open(dir).current()).info).toMatchObject({
    id,
    date: '2026-01-02T03:04:05.000Z',
    accuracy: 83.5,
    rows: 1000,
  })
  card('another')
  expect((await open(dir).current()).info).toMatchObject({ id, accuracy: null, rows: 0 })
})

test('a damaged model leaves the old one live; without any the reason is given', async () => {
  const dir = americanFolder()
  const model = open(dir)
  const before = await model.current()
  truncateSync(join(dir, 'model.json'), 1000)
  expect(await model.current()).toBe(before)
  await expect(open(dir).current()).rejects.toThrow('model.json is no JSON')
  writeFileSync(join(dir, 'model.json'), 'version https://git-lfs.github.com/spec/v1\n')
  await expect(open(dir).current()).rejects.toThrow('model.json is a Git LFS pointer')
  rmSync(join(dir, 'model.json'))
  await expect(open(dir).current()).rejects.toThrow('the folder has no files')
  writeFileSync(join(dir, 'model.pkl'), 'x')
  await expect(open(dir).current()).rejects.toThrow('no naive-Bayes model among model.pkl')
  for (const name of ['a.json', 'b.json']) writeFileSync(join(dir, name), americanModel())
  await expect(open(dir).current()).rejects.toThrow('there is more than one model: a.json, b.json')
})

test('a release behind a link is taken whole when the link is switched', async () => {
  const dir = americanFolder()
  const link = join(dir, 'current')
  symlinkSync(americanFolder(), link)
  const model = open(dir)
  const first = await model.current()
  symlinkSync(americanFolder('counts'), `${link}.new`)
  renameSync(`${link}.new`, link)
  expect((await model.current()).info.id).not.toBe(first.info.id)
})
