import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { keptOpener } from '../../src/connection/kept.ts'
import { openSsh } from '../../src/connection/ssh.ts'
import { startSshd, until } from '../../src/connection/sshd.rig.ts'
import { script } from '../../src/shell/sh.ts'
import { root } from '../rig/mlops.ts'

test('the process that keeps lines ends with the last of them, however long it was to wait', async () => {
  const sshd = await startSshd()
  onTestFinished(() => sshd.stop())
  const socket = join(sshd.folder, 'socket')
  const keeper = spawn(process.execPath, [join(root, 'bin/mlops'), 'keep-connections', socket], { stdio: 'ignore' })
  onTestFinished(() => void keeper.kill())
  const ended = new Promise<number | null>(resolve => keeper.once('exit', status => resolve(status)))
  await until(() => existsSync(socket))
  const host = await keptOpener(openSsh, { keepMs: 3_600_000, socket, start: () => {} })(sshd.target(), undefined)
  const above = `p=$$; until [ "$(ps -o comm= -p "$p")" = sshd ]; do p=$(ps -o ppid= -p "$p" | tr -d ' '); done; echo "$p"`
  const [said] = await host.run([{ script: script(above) }])
  await host.close()
  process.kill(Number(said?.stdout))
  expect(await ended).toBe(0)
})
