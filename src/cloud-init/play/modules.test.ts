import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { attempt, type Shell, step } from '../../modules/step.ts'
import { appendText } from './append-text.ts'
import { runCommands } from './run-commands.ts'

const shells: readonly Shell[] = ['dash', 'busybox']

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "mlops-it's $HOME-"))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

test.each(shells)('%s: commands run once, again when they change, and again when they are forced', async shell => {
  const path = folder()
  const ran = join(path, 'ran')
  const args = (text: string) => ({ key: 'runcmd', folder: path, last: 'all', script: `#!/bin/sh\n${text}\n` })
  const once = args(`echo one >>"${ran.replace('$', '\\$')}"`)
  expect(await step(runCommands, once, { shell, check: true })).toBe('changed')
  expect(await step(runCommands, once, { shell })).toBe('changed')
  expect(await step(runCommands, once, { shell })).toBe('ok')
  expect(await step(runCommands, { ...once, force: true }, { shell })).toBe('changed')
  expect(await step(runCommands, once, { shell })).toBe('ok')
  expect(await step(runCommands, args('true'), { shell })).toBe('changed')
  expect(readFileSync(ran, 'utf8')).toBe('one\none\n')
})

test.each(shells)('%s: commands that fail run again the next time, and say so first', async shell => {
  const path = folder()
  const args = { key: 'bootcmd', folder: path, last: 'the last is x', script: '#!/bin/sh\necho why >&2\nfalse\n' }
  for (const _ of [1, 2]) {
    const { outcome, result } = await attempt(runCommands, args, { shell })
    expect([outcome, result.msg, result['stderr']]).toEqual(['failed', 'the last is x', 'the last is x\nwhy\n'])
  }
})

test.each(shells)('%s: a text is added to the end of a file, once', async shell => {
  const path = join(folder(), 'file')
  writeFileSync(path, 'begin\n')
  const args = { path, content: '*a\n$b "c"\n' }
  expect(await step(appendText, args, { shell, check: true })).toBe('changed')
  expect(await step(appendText, args, { shell })).toBe('changed')
  expect(await step(appendText, args, { shell })).toBe('ok')
  expect(readFileSync(path, 'utf8')).toBe('begin\n*a\n$b "c"\n')
})
