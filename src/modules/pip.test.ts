import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pip } from './pip.ts'
import { attempt, step, tmp } from './step.ts'

const hasVenv = spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0

/** A package of one version as a source folder that needs nothing from an index. */
function source(version: string): string {
  const folder = join(tmp(), 'mlops-test-package')
  mkdirSync(folder)
  writeFileSync(
    join(folder, 'setup.py'),
    `from setuptools import setup\nsetup(name='mlops-test-package', version='${version}')\n`,
  )
  return folder
}

test.skipIf(!hasVenv)('a package is checked, installed in an environment, left alone, and removed', async () => {
  const virtualenv = join(tmp(), `an env`)
  const common = { virtualenv, virtualenv_command: 'python3 -m venv', extra_args: '--no-index --no-build-isolation' }
  expect(await step(pip, { ...common, name: 'mlops-test-package' }, { check: true })).toBe('changed')
  expect(await step(pip, { virtualenv, virtualenv_command: 'python3 -m venv' })).toBe('changed')
  expect(await step(pip, { virtualenv, virtualenv_command: 'python3 -m venv' })).toBe('ok')
  expect(await step(pip, { virtualenv, name: 'pip' })).toBe('ok')
  expect(await step(pip, { virtualenv, name: 'pip>=1,<100', extra_args: '--no-index' })).toBe('ok')
  const missing = await attempt(pip, { ...common, name: 'mlops-no-such-package' })
  expect(missing).toMatchObject({
    outcome: 'failed',
    result: { msg: expect.stringContaining('mlops-no-such-package') },
  })
  const made = await attempt(pip, { ...common, name: source('1.0') })
  if (made.outcome === 'failed') return expect(made.result.stderr).toMatch(/setuptools|wheel/)
  expect(made.outcome).toBe('changed')
  expect(await step(pip, { ...common, name: 'mlops_test_package', version: '1.0' })).toBe('ok')
  expect(await step(pip, { ...common, name: 'mlops-test-package', state: 'absent' })).toBe('changed')
  expect(await step(pip, { ...common, name: 'mlops-test-package', state: 'absent' })).toBe('ok')
})

test('without pip a step fails with what to install', async () => {
  const { outcome, result } = await attempt(pip, { name: 'x', executable: '/nowhere/pip' })
  expect([outcome, result.msg]).toEqual(['failed', expect.stringContaining('pip')])
})

test('what does not go together is an error of the arguments', async () => {
  await expect(attempt(pip, {})).rejects.toThrow('is needed')
  await expect(attempt(pip, { name: ['a', 'b'], version: '1' })).rejects.toThrow('needs one package')
})
