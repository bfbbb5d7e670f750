import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import * as cache from './code-cache.ts'

const { readCode, writeCode } = cache
const codeFile = (program: string, part: string) => cache.codeFile(program, part) ?? ''

const code = Buffer.from('compiled')

function cacheHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'mlops-code-'))
  vi.stubEnv('XDG_CACHE_HOME', home)
  homes.push(home)
  return home
}
const homes: string[] = []
afterEach(() => {
  vi.unstubAllEnvs()
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true })
})

test('what is kept is read back, is for its owner alone, and ages', () => {
  cacheHome()
  const file = codeFile('main-ABC', 'play')
  expect(readCode(file)).toBeUndefined()
  writeCode(file, code)
  expect(readCode(file)).toEqual({ code, isOld: false })
  expect([statSync(dirname(file)).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600])
  utimesSync(file, 0, 0)
  expect(readCode(file)).toEqual({ code, isOld: true })
  writeCode(file, code)
  expect(readCode(file)).toEqual({ code, isOld: false })
})

test.each([
  ['is cut off', bytes => bytes.subarray(0, -1)],
  ['is empty', () => Buffer.alloc(0)],
  ['has a wrong bit', bytes => Buffer.from([(bytes[0] ?? 0) ^ 1, ...bytes.subarray(1)])],
] satisfies [string, (bytes: Buffer) => Buffer][])('a file that %s is not read', (_, damaged) => {
  cacheHome()
  const file = codeFile('main-ABC', 'play')
  writeCode(file, code)
  writeFileSync(file, damaged(readFileSync(file)))
  expect(readCode(file)).toBeUndefined()
})

test('what others may write to is neither read nor written', () => {
  const home = cacheHome()
  const file = codeFile('main-ABC', 'play')
  writeCode(file, code)
  chmodSync(file, 0o622)
  expect(readCode(file)).toBeUndefined()
  chmodSync(file, 0o600)
  chmodSync(dirname(file), 0o777)
  expect(readCode(file)).toBeUndefined()
  rmSync(join(home, 'mlops'), { recursive: true })
  chmodSync(home, 0o777)
  writeCode(file, code)
  expect(readdirSync(home)).toEqual([])
})

test('somebody else’s home is left alone', () => {
  const home = cacheHome()
  vi.spyOn(process, 'geteuid').mockReturnValue(statSync(home).uid + 1)
  const file = codeFile('main-ABC', 'play')
  writeCode(file, code)
  vi.restoreAllMocks()
  expect(readdirSync(home)).toEqual([])
})

test('each program and part has a file of its own, and of many the newest stay', () => {
  cacheHome()
  const files = Array.from({ length: 40 }, (_, i) => codeFile('main-ABC', `part${i}`))
  for (const [i, file] of files.entries()) {
    writeCode(file, code)
    utimesSync(file, i, i)
  }
  const last = codeFile('main-DEF', 'play')
  writeCode(last, code)
  const left = readdirSync(dirname(last))
  expect(left).toHaveLength(32)
  expect([last, files.at(-1)].every(file => readCode(file ?? '') !== undefined)).toBe(true)
  expect(readCode(files[0] ?? '')).toBeUndefined()
})
