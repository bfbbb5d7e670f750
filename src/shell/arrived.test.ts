import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ARRIVED, hasArrived, IDENTITY } from './arrived.ts'

const scratch = mkdtempSync(join(tmpdir(), 'mlops-arrived-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe.each([['dash'], ['busybox', 'sh']])('on %s', (...shell) => {
  const [program = '', ...args] = shell
  const known = (file: string, arrived?: string) =>
    execFileSync(program, [...args, '-c', `${hasArrived.text} && echo "\${d%% *}" || echo unknown`, 'sh', file], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...(arrived === undefined ? {} : { [ARRIVED]: arrived }) },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()

  test('a file is known by what it is, wherever it was moved, until it changes', () => {
    const folder = mkdtempSync(join(scratch, 'files-'))
    const [file, moved] = [join(folder, 'a *'), join(folder, `it's`)]
    writeFileSync(file, 'content')
    const identity = execFileSync('stat', ['-c', IDENTITY, '--', file], { encoding: 'utf8' }).trim()
    const [sha1, other] = ['a'.repeat(40), 'b'.repeat(40)]
    const arrived = ` 1${identity}=${other} ${identity}=${sha1} 9:9:9:9=${other}`
    expect(known(file)).toBe('unknown')
    expect(known(file, arrived)).toBe(sha1)
    renameSync(file, moved)
    expect([known(moved, arrived), known(file, arrived)]).toEqual([sha1, 'unknown'])
    symlinkSync(moved, file)
    expect(known(file, arrived)).toBe('unknown')
    appendFileSync(moved, '.')
    expect(known(moved, arrived)).toBe('unknown')
  })
})
