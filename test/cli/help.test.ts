import { expect, test } from 'vitest'
import { mlops } from '../rig/mlops.ts'

test.each([
  ['argocd app wait', 'Wait until an Application is synced and healthy.'],
  ['argocd app delete', 'Deletes Applications, after a question'],
  ['image list', 'Shows the tags that the registry has'],
  ['keys', 'Make, show and change the key that logs in to servers.'],
])('mlops %s --help says what the command does', async (command, said) => {
  const { status, stdout } = await mlops([...command.split(' '), '--help'])
  expect([status, stdout]).toEqual([0, expect.stringContaining(said)])
})

test('an option that may be given again shows no empty default', async () => {
  const { stdout } = await mlops(['image', 'build', '--help'])
  expect(stdout).toContain('--build-arg')
  expect(stdout).not.toContain('(default: [])')
})

test('help for a command that is not there says so', async () => {
  const { status, stderr } = await mlops(['help', 'statsu'])
  expect([status, stderr]).toEqual([1, expect.stringContaining("unknown command 'statsu'\n(Did you mean status?)")])
})
