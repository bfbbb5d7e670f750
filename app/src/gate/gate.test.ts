import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { badModels, good, type Pushed } from '../testing/bad-models.ts'
import { dataFile } from '../testing/model-dir.ts'
import { gateCommand } from './command.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'app-gate-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

function folder(files: Pushed): string {
  const made = mkdtempSync(join(dir, 'f-'))
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(made, name), bytes)
  return made
}

async function gate(candidate: string, ...more: string[]) {
  const lines: string[] = []
  const data = more.includes('--data') ? [] : ['--data', dataFile('held-out.csv')]
  const args = ['--candidate', candidate, '--name', 'diabetes', ...data, ...more]
  const status = await gateCommand(args, { backend: 'cpu', version: '1.2.3' }, line => lines.push(line))
  return { status, text: lines.join('\n') }
}

test.each(badModels)('$what is refused, and the pusher reads why', async ({ files, reason }) => {
  const { status, text } = await gate(folder(files), '--live', folder(good), '--out', dir)
  expect(text).toMatch(reason)
  expect(text).toContain('refused')
  expect(status).toBe(3)
})

test('a good model is accepted, and written as a release with its card', async () => {
  const { status, text } = await gate(
    folder(good),
    '--out',
    dir,
    '--author',
    'Ada <ada@example.org>',
    '--commit',
    'c0ffee',
  )
  expect(status).toBe(0)
  const id = text.match(/accepted ([0-9a-f]{12})/)?.[1] ?? ''
  const card = JSON.parse(readFileSync(join(dir, id, 'release.json'), 'utf8'))
  expect(card).toMatchObject({
    id,
    name: 'diabetes',
    format: 'keras-json-h5',
    author: 'Ada <ada@example.org>',
    commit: 'c0ffee',
    version: '1.2.3',
    forced: false,
    accuracy: { right: 113, rows: 153 },
  })
  expect(Object.keys(card.digests)).toEqual(['model.h5', 'model.json'])
  expect(readFileSync(join(dir, id, 'model.h5'))).toEqual(good['model.h5'])
})

test('the model of this repository was trained on none of the rows that judge it, and says so', async () => {
  const { status, text } = await gate(join(dataFile('..'), 'models/diabetes'))
  expect(text).toMatch(/^ok {6}leakage: none of the 153 rows of held-out\.csv was trained on$/m)
  expect([status, text.includes('warning')]).toEqual([0, false])
})

test('a model that is worse by more than the limit is refused, and taken when somebody forces it', async () => {
  const worse = folder({
    'model.json': readFileSync(join(dataFile('..'), 'fixtures/keras/b.keras2.json')),
    'model.h5': readFileSync(join(dataFile('..'), 'fixtures/keras/b.keras2.h5')),
  })
  const lab = ['--data', dataFile('pima-lab-7.csv'), '--live', folder(good)]
  const refused = await gate(worse, ...lab)
  expect(refused.status).toBe(3)
  expect(refused.text).toContain('71.43 % (5 of 7; 95 % interval 36 to 92) -> 57.14 % (4 of 7; 95 % interval 25 to 84)')
  const forced = await gate(worse, ...lab, '--force', '--out', dir)
  expect(forced.status).toBe(0)
  expect(forced.text).toMatch(/^forced +metric/m)
  const wide = await gate(worse, ...lab, '--max-drop', '20')
  expect(wide.status).toBe(0)
})

test('what does not load is not accepted by force', async () => {
  const { status } = await gate(folder({ ...good, 'model.h5': 'x' }), '--force')
  expect(status).toBe(3)
})

test('a symbolic link is refused, wherever it points', async () => {
  const candidate = folder({ 'model.json': good['model.json'] ?? '' })
  symlinkSync('/etc/passwd', join(candidate, 'model.h5'))
  expect(await gate(candidate)).toMatchObject({
    status: 3,
    text: expect.stringContaining('model.h5 is a symbolic link'),
  })
})

test('too many files and too many bytes are refused together', async () => {
  const many = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`f${i}.bin`, Buffer.alloc(100)]))
  const { status, text } = await gate(folder(many), '--max-bytes', '1000')
  expect(status).toBe(3)
  expect(text).toContain('the files have 7000 bytes, at most 1000 are taken')
  expect(text).toContain('there are 70 files, at most 64 are taken')
})

test('a live model that cannot be read does not keep a good one away', async () => {
  const { status, text } = await gate(folder(good), '--live', folder({ 'model.json': '{' }))
  expect(text).toContain('none is live')
  expect(status).toBe(0)
})

test('options that are wrong are told all at once', async () => {
  const wrong = gateCommand(['--level', '7', '--max-drop', 'x'], { backend: 'cpu', version: '1' }, () => {})
  await expect(wrong).rejects.toThrow(
    '--candidate is missing\n--name is missing\n--data is missing\n--max-drop must be a number from 0 to 100, not "x"\n--level must be a number from 0 to 1, not "7"',
  )
})
