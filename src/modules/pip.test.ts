import { expect, test } from 'vitest'
import { pip } from './pip.ts'
import { attempt } from './step.ts'

// Packages are installed in an environment and removed by test/e2e/server-modules.test.ts.

test('without pip a step fails with what to install', async () => {
  const { outcome, result } = await attempt(pip, { name: 'x', executable: '/nowhere/pip' })
  expect([outcome, result.msg]).toEqual(['failed', expect.stringContaining('pip')])
})

test('what does not go together is an error of the arguments', async () => {
  await expect(attempt(pip, {})).rejects.toThrow('is needed')
  await expect(attempt(pip, { name: ['a', 'b'], version: '1' })).rejects.toThrow('needs one package')
})
