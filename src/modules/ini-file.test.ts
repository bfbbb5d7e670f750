import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { iniFile } from './ini-file.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

type Case = [why: string, before: string, args: Record<string, unknown>, after: string]

const base = '; top\n[a]\nx = 1\n# y = 2\n\n# about b\n[b]\nx=3\n'
const cases: Case[] = [
  ['a value is changed', base, { section: 'a', option: 'x', value: '9' }, base.replace('x = 1', 'x = 9')],
  ['a value that is there is left', base, { section: 'a', option: 'x', value: '1' }, base],
  ['blanks are a difference', base, { section: 'b', option: 'x', value: '3' }, base.replace('x=3', 'x = 3')],
  ['blanks are none when told', base, { section: 'b', option: 'x', value: '3', ignore_spaces: true }, base],
  [
    'no blanks are written',
    base,
    { section: 'b', option: 'x', value: '4', no_extra_spaces: true },
    base.replace('x=3', 'x=4'),
  ],
  ['a comment is used', base, { section: 'a', option: 'y', value: '5' }, base.replace('# y = 2', 'y = 5')],
  [
    'a comment is left',
    base,
    { section: 'a', option: 'y', value: '5', modify_inactive_option: false },
    base.replace('x = 1\n', 'x = 1\ny = 5\n'),
  ],
  [
    'a new option ends the section',
    base,
    { section: 'a', option: 'z', value: 'n' },
    base.replace('x = 1\n', 'x = 1\nz = n\n'),
  ],
  ['a new section ends the file', base, { section: 'c', option: 'z', value: 'n' }, `${base}[c]\nz = n\n`],
  ['a section alone', base, { section: 'c' }, `${base}[c]\n`],
  ['no section', 'a = 1\n[s]\n', { option: 'b', value: '2' }, 'a = 1\nb = 2\n[s]\n'],
  ['an option without value', '[s]\n', { section: 's', option: 'skip-name', allow_no_value: true }, '[s]\nskip-name\n'],
  ['several values', '[s]\no = 1\no = 2\n', { section: 's', option: 'o', values: ['2', '3'] }, '[s]\no = 3\no = 2\n'],
  [
    'more values',
    '[s]\no = 1\n',
    { section: 's', option: 'o', values: ['2', '3'], exclusive: false },
    '[s]\no = 1\no = 2\no = 3\n',
  ],
  ['an option goes', base, { section: 'a', option: 'x', state: 'absent' }, base.replace('x = 1\n', '')],
  [
    'one value goes',
    '[s]\no = 1\no = 2\n',
    { section: 's', option: 'o', value: '1', state: 'absent', exclusive: false },
    '[s]\no = 2\n',
  ],
  ['a section goes', base, { section: 'b', state: 'absent' }, base.slice(0, base.indexOf('[b]'))],
  ['what is not there stays away', base, { section: 'q', option: 'x', state: 'absent' }, base],
  ['a last line gets its end', '[s]\na = 1', { section: 's', option: 'b', value: '2' }, '[s]\na = 1\nb = 2\n'],
  [
    'hostile text stays whole',
    '[s $x]\n',
    { section: 's $x', option: `-n.*"`, value: "it's $(id) `x` \\1" },
    `[s $x]\n-n.*" = it's $(id) \`x\` \\1\n`,
  ],
]

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test.each(cases)('%s', async (_, before, args, after) => {
    const path = `${tmp()}/it's "$x"`
    writeFileSync(path, before)
    const outcome = before === after ? 'ok' : 'changed'
    expect(await step(iniFile, { path, ...args }, { shell, check: true })).toBe(outcome)
    expect(readFileSync(path, 'utf8')).toBe(before)
    expect(await step(iniFile, { path, ...args }, { shell })).toBe(outcome)
    expect(readFileSync(path, 'utf8')).toBe(after)

    expect(await step(iniFile, { path, ...args }, { shell })).toBe('ok')
  })

  test('a file is made, with its mode', async () => {
    const path = `${tmp()}/new.ini`
    const args = { path, section: 's', option: 'o', value: 'v', mode: '0600', backup: true }
    expect((await attempt(iniFile, { ...args, create: false }, { shell })).result).toMatchObject({ rc: 257 })
    expect(existsSync(path)).toBe(false)
    expect((await attempt(iniFile, args, { shell })).result).toMatchObject({
      changed: true,
      path,
      msg: 'section and option added',
    })
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['[s]\no = v\n', 0o600])
    const { result } = await attempt(iniFile, { ...args, value: 'w' }, { shell, diff: true })
    expect(readFileSync(String(result['backup_file']), 'utf8')).toBe('[s]\no = v\n')
    expect(result.diff).toMatchObject([{ before: '[s]\no = v\n', after: '[s]\no = w\n' }])
  })
})
