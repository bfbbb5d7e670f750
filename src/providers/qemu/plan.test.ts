import { expect, test } from 'vitest'
import { spec } from '../../../test/rig/qemu.ts'
import type { Machine } from './machine.ts'
import { planFor } from './plan.ts'

const machine: Machine = {
  ...{ id: 'abc', name: 'one', image: 'empty.qcow2', user: 'appuser', address: '10.78.0.11', expiresAt: undefined },
  ...{ hostKey: 'ssh-ed25519 AAAA', loginKey: 'key', createdAt: '2026-01-02T03:04:05Z' },
  base: { file: '/x/empty.qcow2', kernel: undefined },
}
const nothing = { exists: false, machine: undefined, isRunning: false, isReady: false }
const stopped = { exists: true, machine, isRunning: false, isReady: true }

test.each([
  ['nothing', nothing, 'create'],
  ['a folder without a record', { ...nothing, exists: true }, 'replace'],
  ['a machine that does not run', stopped, 'start'],
  ['a machine that runs, but was not seen ready', { ...stopped, isRunning: true, isReady: false }, 'finish'],
  ['a machine that runs and was ready', { ...stopped, isRunning: true }, 'keep'],
] as const)('for %s the plan is right', (_, known, action) => {
  expect(planFor(spec('one'), '127.78.0.11', known)).toMatchObject({ server: 'one', address: '127.78.0.11', action })
})

test.each([
  [{ image: 'debian-13' }, 'its image is empty.qcow2, mlops.yml says debian-13'],
  [{ user: 'root' }, 'its user is appuser, mlops.yml says root'],
  [{ address: '10.78.0.12' }, 'its address is 10.78.0.11, mlops.yml says 10.78.0.12'],
  [{}, undefined],
])('what differs from %j is said', (more, differs) => {
  expect(planFor(spec('one', more), '127.78.0.11', stopped).differs).toBe(differs)
})
