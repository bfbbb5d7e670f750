import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder, writeInto } from './output-folder.ts'

test('a folder is made with those above it, and may be there already', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'mlops-folder-')), 'a', 'b')
  makeFolder(folder)
  makeFolder(folder)
  expect(existsSync(folder)).toBe(true)
})

test('where none can be made it ends, and says so', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'mlops-folder-')), 'file')
  writeFileSync(file, '')
  for (const folder of ['/proc/none/at/all', file, join(file, 'below')]) {
    expect(() => writeInto(folder, 'test.output', () => makeFolder(folder))).toThrow(`${folder} cannot be written: `)
  }
})
