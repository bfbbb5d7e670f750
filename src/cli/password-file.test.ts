import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPassword } from './password-file.ts'

function file(text: string, mode = 0o600): string {
  const path = join(mkdtempSync(join(tmpdir(), 'mlops-password-')), 'password')
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

test('the password is the first line of a file, or of what a script prints', () => {
  expect(readPassword(file('geheim\nmore\n'))).toBe('geheim')
  expect(readPassword(file('#!/bin/sh\necho from a script\n', 0o700))).toBe('from a script')
})

test('a file that is not there, is empty, or a script that fails, is an error with its name', () => {
  expect(() => readPassword('/nowhere/password')).toThrow('the password file /nowhere/password cannot be read')
  expect(() => readPassword(file('\n'))).toThrow('is empty')
  expect(() => readPassword(file('#!/bin/sh\nexit 1\n', 0o700))).toThrow('cannot be read')
})
