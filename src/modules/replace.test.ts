import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { replace } from './replace.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

type Case = [why: string, before: string, args: Record<string, unknown>, after: string]

const cases: Case[] = [
  ['every match is replaced', 'a b a\na\n', { regexp: '\\ba\\b', replace: 'x' }, 'x b x\nx\n'],
  ['^ and $ stand at every line', 'a\nb\n', { regexp: '^b$', replace: 'c' }, 'a\nc\n'],
  ['groups are opened', 'k=v\n', { regexp: '^(?P<k>\\w+)=(\\w+)$', replace: '\\2=\\g<k>$1 $&\\n' }, 'v=k$1 $&\n\n'],
  ['nothing takes the place', 'a#b\n', { regexp: '#.*' }, 'a\n'],
  ['only behind', 'x [s] x\n', { regexp: 'x', replace: 'y', after: '\\[s\\]' }, 'x [s] y\n'],
  ['only before', 'x [s] x\n', { regexp: 'x', replace: 'y', before: '\\[s\\]' }, 'y [s] x\n'],
  [
    'only between',
    'x\n<a>\nx\n</a>\nx\n',
    { regexp: 'x', replace: 'y', after: '<a>', before: '</a>' },
    'x\n<a>\ny\n</a>\nx\n',
  ],
  ['no match changes nothing', 'a\n', { regexp: 'zzz', replace: 'y' }, 'a\n'],
]

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test.each(cases)('%s', async (_, before, args, after) => {
    const path = `${tmp()}/it's "$x"`
    writeFileSync(path, before)
    const outcome = before === after ? 'ok' : 'changed'
    expect(await step(replace, { path, ...args }, { shell, check: true })).toBe(outcome)
    expect(readFileSync(path, 'utf8')).toBe(before)
    expect(await step(replace, { path, ...args }, { shell })).toBe(outcome)
    expect(readFileSync(path, 'utf8')).toBe(after)
  })
})

test('the number of replacements is said, and a section that is not there', async () => {
  const path = `${tmp()}/x`
  writeFileSync(path, 'a a a\n')
  expect((await attempt(replace, { path, regexp: 'a', replace: 'b' })).result.msg).toBe('3 replacements made')
  expect((await attempt(replace, { path, regexp: 'b', replace: 'c', after: 'none' })).result).toMatchObject({
    changed: false,
    msg: 'Pattern for before/after params did not match the given file: none(?P<subsection>.*)',
  })
  expect((await attempt(replace, { path: `${path}2`, regexp: 'a' })).result).toMatchObject({ rc: 257 })
})
