import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { make } from './make.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

test.each<Shell>([
  'dash',
  'busybox',
])('a target is checked, made, and left alone while it is up to date (%s)', async shell => {
  const chdir = tmp()
  const file = `${chdir}/it's "a" makefile`
  writeFileSync(file, 'all: made\nmade: source\n\tprintf \'%s\' "$(WORD)" >made\n')
  writeFileSync(`${chdir}/source`, '')
  const args = { chdir, file, target: 'made', params: { WORD: 'two words' }, jobs: 2 }
  expect(await step(make, args, { shell, check: true })).toBe('changed')
  expect(existsSync(`${chdir}/made`)).toBe(false)
  const { outcome, result } = await attempt(make, args, { shell })
  expect([outcome, readFileSync(`${chdir}/made`, 'utf8')]).toEqual(['changed', 'two words'])
  expect(result['command']).toContain("'WORD=two words'")
  expect(await step(make, args, { shell })).toBe('ok')
  const wrong = await attempt(make, { ...args, target: 'none' }, { shell })
  expect(wrong.outcome).toBe('failed')
  expect(wrong.result.msg).toContain('No rule to make target')
})
