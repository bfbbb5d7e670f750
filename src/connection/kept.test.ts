import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { script } from '../shell/sh.ts'
import type { Connection, ConnectionTarget } from './connection.ts'
import { keepLines } from './keeper.ts'
import { keptOpener } from './kept.ts'
import { openSsh } from './ssh.ts'
import { type Sshd, startSshd } from './sshd.rig.ts'

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(() => sshd.stop())

/** An opener whose keeper runs in this process, on a socket of its own; `keeper` resolves when it has ended. */
function kept(name: string, keepMs: number) {
  const socket = join(sshd.folder, name)
  const keepers: Promise<void>[] = []
  const open = keptOpener(openSsh, { keepMs, socket, start: () => keepers.push(keepLines(socket)) })
  return { open, socket, ended: () => Promise.all(keepers) }
}

async function said(host: Connection, text: string): Promise<string> {
  const [result] = await host.run([{ script: script(text) }])
  return result?.stdout ?? ''
}

async function using<T>(opening: Promise<Connection>, act: (host: Connection) => Promise<T>): Promise<T> {
  const host = await opening
  try {
    return await act(host)
  } finally {
    await host.close()
  }
}

/** Client and server, with their ports: another one for each line. */
const line = 'echo "$SSH_CONNECTION"'

test('runs share a line, which is closed when none of them needs it any more', async () => {
  const { open, socket, ended } = kept('shared', 700)
  const direct = await using(openSsh(sshd.target()), host => said(host, line))
  const first = await using(open(sshd.target()), host => said(host, line))
  const [second, third] = await Promise.all([
    using(open(sshd.target()), host => said(host, line)),
    using(open(sshd.target()), host => said(host, line)),
  ])
  expect(first).not.toBe(direct)
  expect([second, third]).toEqual([first, first])
  expect(statSync(socket).mode & 0o777).toBe(0o600)
  await ended()
  expect(existsSync(socket)).toBe(false)
  const again = await using(open(sshd.target()), host => said(host, line))
  expect(again).not.toBe(first)
})

test('scripts answer and files arrive as on a line of their own', () => {
  const { open } = kept('bytes', 300)
  return using(open(sshd.target()), async host => {
    expect(await host.run([{ script: script('cat; echo no >&2; exit 3'), stdin: 'a\nb' }])).toEqual([
      { status: 3, stdout: 'a\nb', stderr: 'no\n' },
    ])
    const big = randomBytes(5_000_001)
    const to = join(sshd.folder, 'big')
    await host.put([{ to, mode: 0o640, content: big }])
    expect(readFileSync(to).equals(big)).toBe(true)
    expect(Buffer.from(await host.get(to)).equals(big)).toBe(true)
    const slow = host.run([{ script: script('sleep 1234'), timeoutMs: 300 }])
    expect(await slow).toMatchObject([{ timedOut: true }])
    expect(await said(host, 'echo well')).toBe('well\n')
  })
})

test('runs at the same time that need more sessions than a server gives a line share two', () => {
  const { open } = kept('crowded', 300)
  const told = (host: Connection) =>
    Promise.all([host, ...Array.from({ length: 6 }, () => host.lane?.() ?? host)].map(each => said(each, line)))
  return using(open(sshd.target()), one =>
    using(open(sshd.target()), async two => {
      const lines = [...(await told(one)), ...(await told(two))]
      expect(lines).toHaveLength(14)
      expect(new Set(lines).size).toBe(2)
    }),
  )
})

test('host keys are held to the same rules, and what cannot be kept is opened as ever', async () => {
  const { open } = kept('rules', 300)
  const wrong: Partial<ConnectionTarget> = { knownHostsFiles: [join(sshd.folder, 'none')], hostKeyChecking: true }
  await expect(open(sshd.target(wrong))).rejects.toMatchObject({ kind: 'unreachable' })
  const own = { password: async () => 'unused' }
  const [one, two] = await Promise.all([
    using(open(sshd.target(own)), host => said(host, line)),
    using(open(sshd.target()), host => said(host, line)),
  ])
  expect(one).not.toBe(two)
})

test('a run goes on without a keeper that does not come up', () => {
  const socket = join(sshd.folder, 'no/such/folder/socket')
  const open = keptOpener(openSsh, { keepMs: 300, socket, start: () => {} })
  return using(open(sshd.target()), async host => expect(await said(host, 'echo well')).toBe('well\n'))
})

test('a line that breaks is a new one for the next run', async () => {
  const { open } = kept('broken', 3000)
  const first = await using(open(sshd.target()), host => said(host, line))
  // the server's process of the line: the first above the shells that is called sshd
  const kill = `p=$$; until [ "$(ps -o comm= -p "$p")" = sshd ]; do p=$(ps -o ppid= -p "$p" | tr -d ' '); done; kill -KILL "$p"`
  await using(open(sshd.target()), host => host.run([{ script: script(kill) }]).catch(() => []))
  const later = () => using(open(sshd.target()), host => said(host, line)).catch(() => first)
  await expect.poll(later, { timeout: 30_000 }).not.toBe(first)
})
