import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { blockinfile } from './blockinfile.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

type Case = [why: string, before: string, args: Record<string, unknown>, after: string]

const B = '# BEGIN ANSIBLE MANAGED BLOCK\n'
const E = '# END ANSIBLE MANAGED BLOCK\n'

const cases: Case[] = [
  ['a new block goes to the end', 'a', { block: 'x\ny' }, `a\n${B}x\ny\n${E}`],
  ['an old block is replaced where it stands', `a\n${B}old\n${E}b\n`, { block: 'x' }, `a\n${B}x\n${E}b\n`],
  ['a block that is there is left', `${B}x\n${E}`, { block: 'x\n' }, `${B}x\n${E}`],
  ['a block is removed', `a\n${B}x\n${E}b\n`, { state: 'absent' }, 'a\nb\n'],
  ['an empty block is removed', `a\n${B}x\n${E}`, { block: '' }, 'a\n'],
  ['what is not there cannot be removed', 'a\n', { state: 'absent' }, 'a\n'],
  ['at the top', 'a\n', { block: 'x', insertbefore: 'BOF' }, `${B}x\n${E}a\n`],
  ['behind the last match', 'a\nb\na\nc\n', { block: 'x', insertafter: '^a' }, `a\nb\na\n${B}x\n${E}c\n`],
  ['before the last match', 'a\nb\n', { block: 'x', insertbefore: '^b$' }, `a\n${B}x\n${E}b\n`],
  ['behind a match of several lines', 'a\nb\nc\n', { block: 'x', insertafter: '(?m)a\\nb' }, `a\nb\n${B}x\n${E}c\n`],
  [
    'markers of your own',
    'a\n',
    { block: 'x', marker: '<!-- {mark} -->', marker_begin: '$&' },
    'a\n<!-- $& -->\nx\n<!-- END -->\n',
  ],
  [
    'empty lines around',
    'a\nb\n',
    { block: 'x', insertafter: '^a', append_newline: true, prepend_newline: true },
    `a\n\n${B}x\n${E}\nb\n`,
  ],
  [
    'hostile text stays whole',
    '',
    { block: `it's "$HOME" \`id\`\n-n * ü \\1` },
    `${B}it's "$HOME" \`id\`\n-n * ü \\1\n${E}`,
  ],
]

describe.each<Shell>(['dash', 'busybox'])('with %s', shell => {
  test.each(cases)('%s', async (_, before, args, after) => {
    const path = `${tmp()}/it's "$x"`
    writeFileSync(path, before)
    const outcome = before === after ? 'ok' : 'changed'
    expect(await step(blockinfile, { path, ...args }, { shell, check: true })).toBe(outcome)
    expect(readFileSync(path, 'utf8')).toBe(before)
    expect(await step(blockinfile, { path, ...args }, { shell })).toBe(outcome)
    expect(readFileSync(path, 'utf8')).toBe(after)
    expect(await step(blockinfile, { path, ...args }, { shell })).toBe('ok')
  })

  test('a file is made when asked', async () => {
    const path = `${tmp()}/x`
    expect((await attempt(blockinfile, { path, block: 'x' }, { shell })).result).toMatchObject({ rc: 257 })
    expect((await attempt(blockinfile, { path, state: 'absent' }, { shell })).result).toMatchObject({ changed: false })
    const { result } = await attempt(blockinfile, { path, block: 'x', create: true }, { shell })
    expect(result).toMatchObject({ changed: true, msg: 'File created' })
    expect(readFileSync(path, 'utf8')).toBe(`${B}x\n${E}`)
  })
})
