import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { aptRepository } from './apt-repository.ts'
import { attempt, step } from './step.ts'

const canWrite = process.getuid?.() === 0 && existsSync('/etc/apt/sources.list.d')

test.skipIf(!canWrite)('a source is checked, added to its file, left alone, and removed', async () => {
  const path = '/etc/apt/sources.list.d/example_invalid_mlops_test.list'
  onTestFinished(() => rmSync(path, { force: true }))
  const repo = 'deb [trusted=yes]  http://example.invalid/mlops-test   stable main'
  const args = { repo, update_cache: false }
  expect(await step(aptRepository, args, { check: true })).toBe('changed')
  expect(existsSync(path)).toBe(false)
  expect(await step(aptRepository, args)).toBe('changed')
  expect(readFileSync(path, 'utf8')).toBe(`${repo}\n`)
  expect(statSync(path).mode & 0o777).toBe(0o644)
  expect(await step(aptRepository, { ...args, repo: repo.replace(/ +/g, ' ') })).toBe('ok')
  expect(await step(aptRepository, { ...args, state: 'absent' })).toBe('changed')
  expect(existsSync(path)).toBe(false)
  expect(await step(aptRepository, { ...args, state: 'absent' })).toBe('ok')
})

test('a ppa fails with what to write in its place', async () => {
  expect(await attempt(aptRepository, { repo: 'ppa:someone/something' })).toMatchObject({
    outcome: 'failed',
    result: { msg: expect.stringContaining('write its `deb` line') },
  })
})

test('what is no line of a sources file is an error of the arguments', async () => {
  await expect(attempt(aptRepository, { repo: 'http://example.org' })).rejects.toThrow('is no line of a sources file')
})
