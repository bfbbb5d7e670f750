import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ModuleFailure } from '../modules/module.ts'
import { find } from './local-files.ts'

test('a file that cannot be looked at is a failure of its task, as one that is not there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-find-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync('round', join(folder, 'round'))
  for (const name of ['round', 'none']) expect(() => find(name, [folder])).toThrow(ModuleFailure)
})
