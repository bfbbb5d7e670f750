import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { machineAuthorities } from './authorities.ts'

test('authorities are the .crt files of the folder, and none is no error', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-ca-'))
  try {
    writeFileSync(join(folder, 'b.crt'), 'B')
    writeFileSync(join(folder, 'a.crt'), 'A')
    writeFileSync(join(folder, 'readme'), '')
    expect(machineAuthorities(folder).map(file => [file.path, String(file.content)])).toEqual([
      ['ca/a.crt', 'A'],
      ['ca/b.crt', 'B'],
    ])
    expect(machineAuthorities(join(folder, 'none'))).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
