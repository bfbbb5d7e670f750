import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { service } from './service.ts'
import { attempt, step, tmp } from './step.ts'
import { systemd } from './systemd.ts'

/** A stand-in for systemctl that keeps one unit's state in files. */
function fakeSystemd(): Record<string, string> {
  const folder = tmp()
  mkdirSync(join(folder, 'state'))
  writeFileSync(
    join(folder, 'systemctl'),
    `#!/bin/sh
state=${folder}/state
[ "$1" != --user ] || shift
verb=$1
for name; do :; done
case $verb in
show) case $* in *NeedDaemonReload*) echo "NeedDaemonReload=$([ -e $state/stale ] && echo yes || echo no)"; exit ;; esac
  if [ "$name" = web ]; then echo LoadState=loaded; else echo LoadState=not-found; fi
  if [ -e $state/active ]; then echo ActiveState=active; else echo ActiveState=inactive; fi ;;
is-enabled) if [ -e $state/enabled ]; then echo enabled; else echo disabled; exit 1; fi ;;
is-failed) [ -e $state/broken ] ;;
start|restart) touch $state/active; echo "$verb" >>$state/log ;;
stop) rm -f $state/active ;;
enable) touch $state/enabled ;;
disable) rm -f $state/enabled ;;
daemon-reload) rm -f $state/stale; echo reload >>$state/log ;;
status) echo 'it fell over' ;;
esac
`,
  )
  chmodSync(join(folder, 'systemctl'), 0o755)
  return { PATH: `${folder}:${process.env.PATH}`, STATE: join(folder, 'state') }
}

test('a unit is checked, started and enabled, and then left alone', async () => {
  const environment = fakeSystemd()
  const args = { name: 'web', state: 'started', enabled: true, scope: 'user' }
  expect(await step(systemd, args, { check: true, environment })).toBe('changed')
  expect(existsSync(`${environment.STATE}/active`)).toBe(false)
  expect(await step(systemd, args, { environment })).toBe('changed')
  expect(existsSync(`${environment.STATE}/enabled`)).toBe(true)
  expect(await step(systemd, args, { environment })).toBe('ok')
  expect(await step(systemd, { name: 'web', state: 'restarted', scope: 'user' }, { environment })).toBe('changed')
  expect(await step(systemd, { name: 'web', state: 'stopped', scope: 'user' }, { environment })).toBe('changed')
  expect(await step(systemd, { name: 'web', state: 'stopped', scope: 'user' }, { environment })).toBe('ok')
})

test('unit files are read again when one is newer, which is no change', async () => {
  const environment = fakeSystemd()
  writeFileSync(`${environment.STATE}/stale`, '')
  expect(await step(systemd, { daemon_reload: true, scope: 'user' }, { environment })).toBe('ok')
  expect(existsSync(`${environment.STATE}/stale`)).toBe(false)
})

test('a service that falls over at once is a failure that shows its status', async () => {
  const environment = fakeSystemd()
  writeFileSync(`${environment.STATE}/broken`, '')
  const { outcome, result } = await attempt(systemd, { name: 'web', state: 'started', scope: 'user' }, { environment })
  expect(outcome).toBe('failed')
  expect(result).toMatchObject({ msg: 'Unable to start service web', stderr: expect.stringContaining('it fell over') })
})

test('a service that is not there fails, but not in a check before the first run', async () => {
  const environment = fakeSystemd()
  const args = { name: 'nowhere', state: 'started', scope: 'user' }
  expect(await attempt(systemd, args, { environment })).toMatchObject({
    outcome: 'failed',
    result: { msg: 'Could not find the requested service nowhere: host' },
  })
  expect(await step(systemd, args, { check: true, environment })).toBe('changed')
})

test('without systemd, /etc/init.d is asked', async () => {
  if (existsSync('/run/systemd/system')) return
  expect(await attempt(service, { name: "no-such 'service", state: 'started' })).toMatchObject({
    outcome: 'failed',
    result: { msg: "Could not find the requested service no-such 'service: host" },
  })
})
