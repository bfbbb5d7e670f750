import { existsSync, lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { lineinfile } from './lineinfile.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

type Case = [why: string, before: string, args: Record<string, unknown>, after: string]

const cases: Case[] = [
  ['a new line goes to the end', 'a\n', { line: 'b' }, 'a\nb\n'],
  ['a last line without an end gets one', 'a', { line: 'b' }, 'a\nb\n'],
  ['a line that is there is left', 'a\nb\n', { line: 'a' }, 'a\nb\n'],
  ['the last match is replaced', '#Port 1\nPort 2\nx\n', { regexp: '^#?Port', line: 'Port 3' }, '#Port 1\nPort 3\nx\n'],
  ['the first match, when asked', 'P 1\nP 2\n', { regexp: '^P', line: 'P 3', firstmatch: true }, 'P 3\nP 2\n'],
  ['no match adds', 'a\n', { regexp: '^b', line: 'b=1' }, 'a\nb=1\n'],
  ['plain text finds too', 'a.c\nabc\n', { search_string: 'a.c', line: 'x' }, 'x\nabc\n'],
  ['behind the last match', 'a1\na2\nb\n', { insertafter: '^a', line: 'x' }, 'a1\na2\nx\nb\n'],
  ['behind the first match', 'a1\na2\nb\n', { insertafter: '^a', line: 'x', firstmatch: true }, 'a1\nx\na2\nb\n'],
  ['before the last match', 'a\nb1\nb2\n', { insertbefore: '^b', line: 'x' }, 'a\nb1\nx\nb2\n'],
  ['at the top', 'a\n', { insertbefore: 'BOF', line: 'x' }, 'x\na\n'],
  ['an anchor that is not found is the end', 'a\n', { insertbefore: 'zzz', line: 'x' }, 'a\nx\n'],
  ['a match behind a last line without an end', 'a\nb', { insertafter: 'b', line: 'x' }, 'a\nb\nx\n'],
  [
    'groups are opened',
    'opt=1 # note\n',
    { regexp: '^(opt)=\\d+(?P<rest>.*)$', line: '\\1=2\\g<rest>', backrefs: true },
    'opt=2 # note\n',
  ],
  ['with groups, no match does nothing', 'a\n', { regexp: '^b', line: 'x', backrefs: true }, 'a\n'],
  ['without groups, backslashes stay', 'a\n', { regexp: '^a', line: '\\1 \\n' }, '\\1 \\n\n'],
  ['matches are removed', 'a\nb\na2\n', { regexp: '^a', state: 'absent' }, 'b\n'],
  ['the line is removed', 'a\nb\naa\n', { line: 'a', state: 'absent' }, 'b\naa\n'],
  [
    'hostile text stays whole',
    "it's\n",
    { line: `-n "$HOME" \`id\` * ü \\t`, regexp: "'" },
    `-n "$HOME" \`id\` * ü \\t\n`,
  ],
  ['a line found with the end of Windows gets its own', 'a\r\nb\r\n', { line: 'a' }, 'a\nb\r\n'],
]

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test.each(cases)('%s', async (_, before, args, after) => {
    const path = `${tmp()}/it's "$x"`
    writeFileSync(path, before)
    const outcome = before === after ? 'ok' : 'changed'
    expect(await step(lineinfile, { path, ...args }, { shell, check: true })).toBe(outcome)
    expect(readFileSync(path, 'utf8')).toBe(before)
    expect(await step(lineinfile, { path, ...args }, { shell })).toBe(outcome)
    expect(readFileSync(path, 'utf8')).toBe(after)
    expect(await step(lineinfile, { path, ...args }, { shell })).toBe('ok')
  })

  test('a file is made when asked, folders too', async () => {
    const path = `${tmp()}/a/b`
    expect((await attempt(lineinfile, { path, line: 'x' }, { shell })).result).toMatchObject({
      rc: 257,
      msg: `Destination ${path} does not exist !`,
    })
    const args = { path, line: 'x', create: true, mode: '0600' }
    expect(await step(lineinfile, args, { shell, check: true })).toBe('changed')
    expect(existsSync(path)).toBe(false)
    expect((await attempt(lineinfile, args, { shell })).result).toMatchObject({
      msg: 'line added and ownership, perms or SE linux context changed',
      changed: true,
    })
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['x\n', 0o600])
    expect(await step(lineinfile, args, { shell })).toBe('ok')
    expect((await attempt(lineinfile, { ...args, mode: '0644' }, { shell })).result.msg).toBe(
      'ownership, perms or SE linux context changed',
    )
  })

  test('bytes that are no UTF-8 stay as they are', async () => {
    const path = `${tmp()}/x`
    writeFileSync(path, Buffer.from([0xff, 0x0a, 0xe9, 0x0a]))
    expect(await step(lineinfile, { path, line: 'ü' }, { shell })).toBe('changed')
    expect(readFileSync(path)).toEqual(Buffer.from([0xff, 0x0a, 0xe9, 0x0a, 0xc3, 0xbc, 0x0a]))
    expect(await step(lineinfile, { path, line: 'ü' }, { shell })).toBe('ok')
  })

  test('a link stays a link', async () => {
    const folder = tmp()
    writeFileSync(`${folder}/target`, 'a\n')
    symlinkSync('target', `${folder}/link`)
    expect(await step(lineinfile, { path: `${folder}/link`, line: 'b' }, { shell })).toBe('changed')
    expect(lstatSync(`${folder}/link`).isSymbolicLink()).toBe(true)
    expect(readFileSync(`${folder}/target`, 'utf8')).toBe('a\nb\n')
  })

  test('a backup and a check are made', async () => {
    const path = `${tmp()}/x`
    writeFileSync(path, 'a\n')
    const { result } = await attempt(lineinfile, { path, line: 'b', backup: true, validate: 'test -s %s' }, { shell })
    expect(readFileSync(String(result.backup), 'utf8')).toBe('a\n')
    expect((await attempt(lineinfile, { path, line: 'c', validate: 'false %s' }, { shell })).outcome).toBe('failed')
    expect(readFileSync(path, 'utf8')).toBe('a\nb\n')
  })
})

test('removing says how many lines it was, and a missing file has none', async () => {
  const path = `${tmp()}/x`
  expect((await attempt(lineinfile, { path, line: 'a', state: 'absent' })).result).toMatchObject({
    changed: false,
    msg: 'file not present',
  })
  writeFileSync(path, 'a\na\nb\n')
  const { result } = await attempt(lineinfile, { path, line: 'a', state: 'absent' }, { diff: true })
  expect(result).toMatchObject({ found: 2, msg: '2 line(s) removed', diff: [{ before: 'a\na\nb\n', after: 'b\n' }] })
})

test('a folder, a missing line and a broken expression are refused', async () => {
  const path = tmp()
  expect((await attempt(lineinfile, { path, line: 'x' })).result).toMatchObject({ rc: 256 })
  writeFileSync(`${path}/x`, 'a\n')
  expect((await attempt(lineinfile, { path: `${path}/x` })).result.msg).toBe('line is required with state=present')
  expect((await attempt(lineinfile, { path: `${path}/x`, line: 'x', regexp: '(' })).result.msg).toMatch(
    /invalid regular/,
  )
})
