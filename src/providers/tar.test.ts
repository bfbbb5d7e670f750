import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tar } from './tar.ts'

test('tar unpacks what we pack, with modes and bytes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-tar-'))
  const bytes = Uint8Array.from({ length: 1025 }, (_, i) => i % 256)
  try {
    const archive = tar([
      { path: 'a/deep/file', content: 'text\n' },
      { path: 'secret', content: bytes, mode: 0o600 },
      { path: 'empty', content: '' },
    ])
    execFileSync('tar', ['-xf', '-', '-C', folder], { input: archive })
    expect(readFileSync(join(folder, 'a/deep/file'), 'utf8')).toBe('text\n')
    expect(new Uint8Array(readFileSync(join(folder, 'secret')))).toEqual(bytes)
    expect(statSync(join(folder, 'secret')).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'empty')).size).toBe(0)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('equal entries give equal bytes', () => {
  const entries = [{ path: 'a', content: 'b' }]
  expect(tar(entries)).toEqual(tar(entries))
})

test('a path that does not fit is refused', () => {
  expect(() => tar([{ path: 'x'.repeat(101), content: '' }])).toThrow(RangeError)
})
