import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ConnectionError } from '../connection/connection.ts'
import { comeBack } from '../engine/come-back.ts'
import type { ArgsOf } from '../schema/arguments.ts'
import { coerceArgs } from '../schema/coerce.ts'
import { reboot } from './reboot.ts'
import { attempt, type Shell, shellConnection, tmp } from './step.ts'

/** A host whose boot identifier is a file, and whose restart writes a new one. */
function machine() {
  const file = `${tmp()}/boot`
  writeFileSync(file, 'first')
  return { file, args: { boot_time_command: `cat '${file}'`, reboot_command: `printf second >'${file}'` } }
}

test.each<Shell>(['dash', 'busybox'])('a host goes down and comes back (%s)', async shell => {
  const { file, args } = machine()
  expect((await attempt(reboot, args, { shell, check: true })).result).toMatchObject({ changed: true, rebooted: true })
  expect(readFileSync(file, 'utf8')).toBe('first')
  const { outcome, result } = await attempt(reboot, { ...args, test_command: `[ -e '${file}' ]` }, { shell })
  expect([outcome, result['rebooted']]).toEqual(['changed', true])
  const typed = coerceArgs(reboot.args, args).args as ArgsOf<typeof reboot.args> // checked by coerceArgs
  const restart = reboot.restarts?.(typed, result)
  if (restart === undefined) throw new Error('reboot says nothing of its restart')
  let tries = 0
  const back = await comeBack(
    { ...restart, delayMs: 0, sleepMs: 50 },
    async () => {
      if (tries++ === 0) throw new ConnectionError('unreachable', 'refused')
      return shellConnection(shell)
    },
    undefined,
    undefined,
  )
  expect(back).toEqual({ elapsed: expect.any(Number) })
  expect(readFileSync(file, 'utf8')).toBe('second')
})

test('a host that does not come back is a failure that says why', async () => {
  const { file, args } = machine()
  const typed = coerceArgs(reboot.args, args).args as ArgsOf<typeof reboot.args> // checked by coerceArgs
  const restart = reboot.restarts?.(typed, { boot_id: 'first' })
  if (restart === undefined) throw new Error('reboot says nothing of its restart')
  const wait = { ...restart, delayMs: 0, sleepMs: 10, timeoutMs: 0 }
  expect(await comeBack(wait, async () => shellConnection(), undefined, undefined)).toMatchObject({
    failed: true,
    msg: 'Timed out waiting for the host to come back: it answers, but has not started anew',
  })
  expect(existsSync(file)).toBe(true)
})

test('a command that fails before the restart is told', async () => {
  const { result } = await attempt(reboot, { boot_time_command: 'echo broken >&2; false', reboot_command: ':' })
  expect(result).toMatchObject({ failed: true, rebooted: false, msg: 'broken' })
})
