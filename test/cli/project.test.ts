import { expect, test } from 'vitest'
import { folder, mlops } from '../rig/mlops.ts'

test.each([
  ['status'],
  ['scale', 'worker=2'],
  ['deploy'],
  ['deploy', '--version', 'x'],
  ['provision'],
  ['k8s', 'render'],
  ['model', 'list'],
  ['rollback'],
  ['logs'],
  ['measure', 'downtime'],
])('%s in a folder without a project says that a project is missing', async (...args) => {
  expect(await mlops(args, { cwd: folder({}) })).toEqual({
    status: 1,
    stdout: '',
    stderr: 'error: there is no mlops.yml here or above\nhint: mlops init writes one; --project FILE names one\n',
  })
})

test('a project whose servers are not made yet says so', async () => {
  const cwd = folder({ 'mlops.yml': 'name: a\nservers: { one: }\n' })
  const { status, stderr } = await mlops(['model', 'list'], { cwd })
  expect([status, stderr]).toEqual([
    1,
    'error: the servers of this project are not made yet\nhint: mlops provision makes them and writes the inventory\n',
  ])
})
