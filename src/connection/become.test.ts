import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { script } from '../shell/sh.ts'
import { becomeRefused } from './become-errors.ts'
import type { Become, Connection, ConnectionTarget } from './connection.ts'
import { openSsh } from './ssh.ts'
import { alive, type Sshd, startSshd, until } from './sshd.rig.ts'

test.each([
  ['sudo: a password is required', 'sudo on web asks for a password'],
  ['ann is not in the sudoers file.', 'the login user may not become root with sudo on web'],
  ['sudo: sorry, you must have a tty to run sudo', 'sudo on web works on terminals only'],
  ['sudo: unknown user root', 'web has no user root'],
  ['sh: 1: exec: sudo: not found', 'web has no sudo'],
  ['sudo: 2 incorrect password attempts', 'sudo on web refused the password'],
])('what sudo says becomes a sentence: %s', (said, sentence) => {
  const error = becomeRefused({ method: 'sudo', user: 'root' }, 'web', said)
  expect(error.message).toBe(`${sentence} (${said})`)
  expect(error.hint).not.toBe('')
})

// Users can be made by root only; elsewhere the end-to-end tests see sudo on a server of their own.
const possible = userInfo().uid === 0 && existsSync('/usr/bin/sudo')
describe.skipIf(!possible)('becoming another user (needs root and sudo)', () => {
  const free = `mlf${process.pid}`
  const asked = `mla${process.pid}`
  const none = `mln${process.pid}`
  const sudoers = `/etc/sudoers.d/mlops-test-${process.pid}`
  const scratch = mkdtempSync(join(tmpdir(), 'mlops-become-'))
  // no word that another process on this machine may have on its command line
  const password = `kw-${randomUUID()}`
  let sshd: Sshd

  beforeAll(async () => {
    sshd = await startSshd()
    for (const user of [free, asked, none]) execFileSync('useradd', ['-m', '-s', '/bin/bash', user])
    execFileSync('usermod', ['-p', '*', free])
    execFileSync('chpasswd', { input: `${asked}:${password}\n${none}:${password}\n` })
    writeFileSync(sudoers, `${free} ALL=(ALL) NOPASSWD:ALL\n${asked} ALL=(ALL) ALL\n`, { mode: 0o440 })
    chmodSync(scratch, 0o755)
  })
  afterAll(async () => {
    rmSync(sudoers, { force: true })
    for (const user of [free, asked, none]) execFileSync('userdel', ['-r', user], { stdio: 'ignore' })
    rmSync(scratch, { recursive: true, force: true })
    await sshd.stop()
  })

  async function as<T>(
    user: string,
    act: (host: Connection) => Promise<T>,
    more: Partial<ConnectionTarget> = {},
  ): Promise<T> {
    const host = await openSsh(sshd.target({ user, ...more }))
    try {
      return await act(host)
    } finally {
      await host.close()
    }
  }

  const root: Become = { method: 'sudo', user: 'root' }
  const secret = (word: string): Become => ({ ...root, password: async () => word })
  const who = script('id -un; echo $HOME')

  test('sudo without a password costs no trip of its own', () =>
    as(free, async host => {
      const before = host.stats.roundTrips
      const results = await host.run([
        { script: who },
        { script: who, become: root },
        { script: who, become: { ...root, user: none } },
      ])
      expect(results.map(r => r.stdout)).toEqual([
        `${free}\n/home/${free}\n`,
        'root\n/root\n',
        `${none}\n/home/${none}\n`,
      ])
      expect(host.stats.roundTrips - before).toBe(1)
    }))

  test('a user becomes himself without sudo', () =>
    as(none, async host => {
      const [result] = await host.run([{ script: who, become: { method: 'sudo', user: none } }])
      expect(result?.stdout).toBe(`${none}\n/home/${none}\n`)
    }))

  test('sudo with the right password works, asks once, and shows it nowhere', () =>
    as(asked, async host => {
      let times = 0
      const become: Become = {
        ...root,
        password: async () => {
          times++
          return password
        },
      }
      const seen = script("for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$f; done 2>/dev/null; id -un")
      const [first] = await host.run([{ script: seen, become }])
      expect(first?.stdout.endsWith('root\n')).toBe(true)
      expect(first?.stdout).not.toContain(password)
      await host.run([{ script: who, become }])
      expect(times).toBe(1)
    }))

  test('a wrong password, a missing one, and a user without rights are told apart at once', async () => {
    await as(asked, async host => {
      await expect(host.run([{ script: who, become: secret('wrong') }])).rejects.toMatchObject({
        kind: 'become',
        message: 'sudo on server refused the password',
        hint: expect.stringContaining('-K'),
      })
      await expect(host.run([{ script: who, become: root }])).rejects.toMatchObject({
        kind: 'become',
        message: expect.stringMatching('^sudo on server asks for a password'),
      })
      expect(await host.run([{ script: who, become: secret(password) }])).toMatchObject([{ stdout: 'root\n/root\n' }])
    })
    await as(none, async host => {
      await expect(host.run([{ script: who, become: secret(password) }])).rejects.toMatchObject({
        kind: 'become',
        message: expect.stringMatching('^the login user may not become root with sudo on server'),
      })
    })
    await as(free, async host => {
      await expect(host.run([{ script: who, become: { ...root, user: 'nobody-there' } }])).rejects.toMatchObject({
        kind: 'become',
        message: expect.stringMatching('^server has no user nobody-there'),
      })
      await expect(host.run([{ script: who, become: { ...root, exe: '/no/sudo' } }])).rejects.toMatchObject({
        kind: 'become',
        message: expect.stringMatching('^server has no sudo'),
      })
    })
  })

  test('a run that is interrupted while the password is asked for stops at once', () =>
    as(asked, async host => {
      const stop = new AbortController()
      const waiting = () => {
        stop.abort()
        return new Promise<string>(() => {})
      }
      const work = host.run([{ script: who, become: { ...root, password: waiting } }], stop.signal)
      await expect(work).rejects.toMatchObject({ kind: 'interrupted' })
    }))

  test('su takes the password of the other user', async () => {
    await as(free, async host => {
      const su: Become = { method: 'su', user: asked, password: async () => password }
      expect(await host.run([{ script: who, become: su }])).toMatchObject([{ stdout: `${asked}\n/home/${asked}\n` }])
      await expect(
        host.run([{ script: who, become: { ...su, user: none, password: async () => 'no' } }]),
      ).rejects.toMatchObject({
        kind: 'become',
        message: expect.stringMatching('^su on server refused the password'),
      })
    })
  })

  if (existsSync('/usr/bin/doas') && !existsSync('/etc/doas.conf')) {
    test('doas works where it asks for nothing', async () => {
      const doas: Become = { method: 'doas', user: 'root' }
      writeFileSync('/etc/doas.conf', `permit nopass ${free}\npermit ${asked}\n`)
      try {
        await as(free, async host =>
          expect(await host.run([{ script: script('id -un'), become: doas }])).toMatchObject([{ stdout: 'root\n' }]),
        )
        await as(asked, async host => {
          const work = host.run([{ script: who, become: { ...doas, password: async () => password } }])
          await expect(work).rejects.toMatchObject({
            kind: 'become',
            message: expect.stringMatching('^doas on server asks for a password'),
          })
        })
      } finally {
        rmSync('/etc/doas.conf')
      }
    })
  }

  test('files are placed and read as the other user, large ones too', () =>
    as(asked, async host => {
      const big = Buffer.alloc(1_000_001, 'x')
      const become = secret(password)
      const small = join(scratch, 'small')
      const large = join(scratch, 'large')
      const file = join(scratch, 'source')
      writeFileSync(file, big)
      const sha1 = createHash('sha1').update(big).digest('hex')
      const uploads = [
        { to: small, mode: 0o600, content: Buffer.from('s') },
        { to: large, mode: 0o600, content: { file, sizeBytes: big.length, sha1 } },
      ]
      const [, look] = await host.run([
        { script: script(':'), uploads, become },
        { script: script(`echo "$MLOPS_ARRIVED"`), look: true, become },
      ])
      expect(look?.stdout).toMatch(new RegExp(`^ .*:${big.length}:.*=${sha1}\n$`))
      expect([statSync(small).uid, statSync(large).uid]).toEqual([0, 0])
      expect(readFileSync(large).equals(big)).toBe(true)
      expect(Buffer.from(await host.get(large, become)).equals(big)).toBe(true)
      await expect(host.get(large)).rejects.toMatchObject({ kind: 'no-file' })
      await expect(host.put([{ to: large, mode: 0o600, content: big }], secret('wrong'))).rejects.toMatchObject({
        kind: 'become',
      })
    }))

  test('what root runs is ended when it takes too long, and when the run is interrupted', () =>
    as(free, async host => {
      const text = 'sleep 1000 & echo $!; wait'
      const [slow, next] = await host.run([
        { script: script(text), become: root, timeoutMs: 300 },
        { script: script('echo next'), become: root },
      ])
      expect(slow).toMatchObject({ status: 124, timedOut: true })
      expect(alive(Number(slow?.stdout))).toBe(false)
      expect(next?.stdout).toBe('next\n')
      const stop = new AbortController()
      let pid = 0
      const onOutput = (chunk: string) => {
        pid = Number(chunk)
        stop.abort()
      }
      await expect(host.run([{ script: script(text), become: root, onOutput }], stop.signal)).rejects.toMatchObject({
        kind: 'interrupted',
      })
      await until(() => !alive(pid))
    }))

  test('a password logs in, a wrong one does not', async () => {
    const plain = { privateKeyFile: undefined, sshArgs: ['-o', 'IdentityAgent=none', '-i', '/no/key'] }
    await as(asked, async host => host.run([{ script: who }]), { ...plain, password: async () => password })
    const wrong = openSsh(sshd.target({ user: asked, ...plain, password: async () => 'wrong' }))
    await expect(wrong).rejects.toThrow(/refused the login as .* \(tried: .*the password/)
  })
})
