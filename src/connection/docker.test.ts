import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { script, sh } from '../shell/sh.ts'
import type { Connection, ConnectionTarget } from './connection.ts'
import { openDocker } from './docker.ts'

const target = (address: string): ConnectionTarget => ({
  host: 'box',
  type: 'docker',
  address,
  hostKeyChecking: true,
  connectTimeoutMs: 10_000,
})

test('a container that is not there is unreachable', async () => {
  const host = await openDocker(target('mlops-no-such-container'))
  await expect(host.run([{ script: sh`true` }])).rejects.toMatchObject({ kind: 'unreachable' })
  await host.close()
})

/** An image with BusyBox and nothing else: no sudo, no setsid of util-linux, and no init that reaps. */
function busyboxImage(name: string): void {
  const root = mkdtempSync(join(tmpdir(), 'mlops-image-'))
  for (const folder of ['bin', 'etc', 'tmp', 'proc', 'dev']) mkdirSync(join(root, folder))
  const libraries = execFileSync('ldd', ['/bin/busybox'], { encoding: 'utf8' }).match(/\/\S+/g) ?? []
  for (const file of libraries) {
    mkdirSync(join(root, dirname(file)), { recursive: true })
    copyFileSync(file, join(root, file))
  }
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'))
  for (const applet of execFileSync('busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet))
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n')
  execFileSync('sh', ['-c', 'tar -C "$1" -c . | docker import -c "ENV PATH=/bin" - "$2"', 'sh', root, name], {
    stdio: 'ignore',
  })
  rmSync(root, { recursive: true })
}

const possible = existsSync('/bin/busybox') && spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0

describe.skipIf(!possible)('a container (needs Docker Engine and BusyBox)', () => {
  const name = `mlops-connection-test-${process.pid}`
  let host: Connection

  test('is named by its name, also where that looks like an option', async () => {
    const other = await openDocker(target('--privileged'))
    await expect(other.run([{ script: sh`true` }])).rejects.toThrow('No such container: --privileged')
    await other.close()
  })

  beforeAll(async () => {
    busyboxImage(`${name}:1`)
    execFileSync('docker', ['run', '-d', '--name', name, `${name}:1`, 'sleep', '100000'], { stdio: 'ignore' })
    host = await openDocker(target(name))
  })
  afterAll(async () => {
    await host.close()
    execFileSync('docker', ['rm', '-f', name], { stdio: 'ignore' })
    execFileSync('docker', ['rmi', `${name}:1`], { stdio: 'ignore' })
  })

  test('scripts run in it, as any user, without sudo', async () => {
    const become = { method: 'sudo', user: 'ann' } as const
    const who = script('id -un; echo $HOME; echo e >&2; exit 3')
    expect(await host.run([{ script: who }, { script: who, become }])).toEqual([
      { status: 3, stdout: 'root\n/root\n', stderr: 'e\n' },
      { status: 3, stdout: 'ann\n/home/ann\n', stderr: 'e\n' },
    ])
    await expect(host.run([{ script: who, become: { ...become, user: 'bob' } }])).rejects.toMatchObject({
      kind: 'become',
      message: expect.stringMatching('^box has no user bob'),
    })
  })

  test('files go in and come out', async () => {
    const bytes = Buffer.from(Array.from({ length: 500_000 }, (_, i) => i % 251))
    await host.put([
      { to: '/tmp/large', mode: 0o640, content: bytes },
      { to: '/tmp/small', mode: 0o755, content: bytes.subarray(0, 99) },
    ])
    expect(Buffer.from(await host.get('/tmp/large')).equals(bytes)).toBe(true)
    const [modes] = await host.run([{ script: sh`stat -c '%a %s' /tmp/large /tmp/small` }])
    expect(modes?.stdout).toBe('640 500000\n755 99\n')
  })

  test('what takes too long is ended, what is left behind goes on', async () => {
    const [slow, left, after] = await host.run([
      { script: script('sleep 7777 & wait'), timeoutMs: 300 },
      { script: script('sleep 8888 & echo left') },
      { script: script('ps | grep -o "sleep [78]*" | sort -u') },
    ])
    expect(slow).toMatchObject({ status: 124, timedOut: true })
    expect(left?.stdout).toBe('left\n')
    expect(after?.stdout).toContain('sleep 8888')
    expect(after?.stdout).not.toContain('sleep 7777')
  })
})
