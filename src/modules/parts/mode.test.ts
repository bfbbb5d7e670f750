import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tmp } from '../step.ts'
import { octal, permissions } from './mode.ts'

const written: [unknown, string][] = [
  [0o644, '0644'],
  [644, '1204'],
  ['0644', '0644'],
  ['644', '0644'],
  ['0o600', '0600'],
  ['02775', '2775'],
  ['7', '0007'],
]

test.each(written)('mode %j means %s', (spec, wanted) => {
  expect(octal(permissions(spec, { mode: 0o755, isDirectory: false, umask: 0o022 }))).toBe(wanted)
})

const symbolic = [
  'u=rwX,g=rX,o=',
  'a+X',
  '+x',
  '-w',
  'u+s,g+s',
  'o-rwx',
  'g=u',
  'u=rw,g+w-x',
  'ugo=r',
  'o+t',
  'a=rwx,o-w',
]
const starts = [0o644, 0o755, 0o600, 0o4711]

test.each(symbolic)('mode %s means what chmod makes of it', spec => {
  const folder = tmp()
  for (const [i, mode] of starts.entries()) {
    const file = `${folder}/${i}`
    writeFileSync(file, '')
    mkdirSync(`${file}.d`)
    for (const path of [file, `${file}.d`]) {
      chmodSync(path, mode)
      const wanted = permissions(spec, { mode, isDirectory: path !== file, umask: 0o022 })
      execFileSync('sh', ['-c', 'umask 022; chmod "$1" "$2"', 'sh', spec, path])
      const made = statSync(path).mode & 0o7777
      // chmod keeps the set-id bits of folders where `=` takes them away
      if (path === file) expect([path, octal(wanted)]).toEqual([path, octal(made)])
      else expect(wanted & 0o777).toBe(made & 0o777)
    }
  }
})

test.each(['rw', 'u=rwz', '', '888', 1.5, true, 0o10000, ['0644']])('mode %j is refused', spec => {
  expect(() => permissions(spec, { mode: 0, isDirectory: false, umask: 0 })).toThrow('octal or symbolic form')
})
