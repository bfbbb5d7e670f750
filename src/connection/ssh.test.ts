import { execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { script } from '../shell/sh.ts'
import type { Connection, ConnectionTarget, ScriptRequest } from './connection.ts'
import { openSsh, sshOpener } from './ssh.ts'
import { alive, freePort, keygen, type Sshd, startRelay, startSshd, until } from './sshd.rig.ts'

const scratch = mkdtempSync(join(tmpdir(), 'mlops-ssh-'))
let sshd: Sshd

beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(async () => {
  await sshd.stop()
  rmSync(scratch, { recursive: true, force: true })
})

const run = (text: string, more: Partial<ScriptRequest> = {}): ScriptRequest => ({ script: script(text), ...more })
const ok = (stdout: string) => ({ status: 0, stdout, stderr: '' })

async function using<T>(
  more: Partial<ConnectionTarget>,
  act: (host: Connection) => Promise<T>,
  open = openSsh,
): Promise<T> {
  const host = await open(sshd.target(more))
  try {
    return await act(host)
  } finally {
    await host.close()
  }
}

test('scripts run over one connection, a round trip for each batch', () =>
  using({}, async host => {
    const before = host.stats.roundTrips
    const requests = Array.from({ length: 20 }, (_, i) =>
      run(`printf ${i}; echo e >&2; exit ${i}`, { look: i % 2 > 0 }),
    )
    expect(await host.run(requests)).toEqual(requests.map((_, i) => ({ status: i, stdout: `${i}`, stderr: 'e\n' })))
    expect(
      await host.run([
        run('kill -9 $$'),
        run('echo "', { look: true }),
        run('kill -9 $$', { look: true }),
        run('echo on'),
      ]),
    ).toMatchObject([
      { status: 137, stdout: '', stderr: '' },
      { status: 2 },
      { status: 137, stdout: '', stderr: '' },
      ok('on\n'),
    ])
    expect(host.stats.roundTrips - before).toBe(3)
    expect(host.stats.bytesSent).toBeGreaterThan(1000)
    expect(host.stats.bytesReceived).toBeGreaterThan(100)
  }))

test('a hundred megabytes go there and come back the same', () =>
  using({}, async host => {
    const bytes = randomBytes(100 * 2 ** 20)
    const source = join(scratch, 'hundred')
    writeFileSync(source, bytes)
    const to = join(scratch, 'there')
    const sha1 = createHash('sha1').update(bytes).digest('hex')
    const uploads = [{ to, mode: 0o640, content: { file: source, sizeBytes: bytes.length, sha1 } }]
    const [, look] = await host.run([run(':', { uploads }), run('echo "$MLOPS_ARRIVED"', { look: true })])
    expect(look?.stdout).toMatch(new RegExp(`^ .*=${sha1}\n$`))
    expect(statSync(to).mode & 0o7777).toBe(0o640)
    const back = await host.get(to)
    const digest = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')
    expect(digest(readFileSync(to))).toBe(digest(bytes))
    expect(digest(back)).toBe(digest(bytes))
  }))

test('what a script leaves running cannot write into later answers', () =>
  using({}, async host => {
    const [first, second] = await host.run([run('while :; do echo noise; done & echo $!'), run('echo clean')])
    expect(second).toEqual(ok('clean\n'))
    const [, pid] = /(\d+)/.exec(first?.stdout ?? '') ?? []
    await until(() => !alive(Number(pid)))
  }))

test('a script that takes too long is ended with all its processes', () =>
  using({}, async host => {
    const [slow, next] = await host.run([run('sleep 1000 & echo $!; wait', { timeoutMs: 300 }), run('echo next')])
    expect(slow).toMatchObject({ status: 124, timedOut: true })
    expect(alive(Number(slow?.stdout))).toBe(false)
    expect(next).toEqual(ok('next\n'))
  }))

test('an interruption ends what runs there', () =>
  using({}, async host => {
    const stop = new AbortController()
    let pid = 0
    const onOutput = (chunk: string) => {
      pid = Number(chunk)
      stop.abort()
    }
    await expect(host.run([run('sleep 1000 & echo $!; wait', { onOutput })], stop.signal)).rejects.toMatchObject({
      kind: 'interrupted',
    })
    await until(() => !alive(pid))
    expect(await host.run([run('echo on')])).toEqual([ok('on\n')])
  }))

test('when the line breaks, every waiting request is told, and what runs there ends', async () => {
  const relay = await startRelay(sshd.port)
  const host = await openSsh(sshd.target({ port: relay.port, hostKeyChecking: false }))
  let pid = 0
  const onOutput = (chunk: string) => {
    pid = Number(chunk)
    relay.cut()
  }
  const first = host.run([run('sleep 1000 & echo $!; wait', { onOutput })])
  const second = host.run([run('echo never')])
  await expect(first).rejects.toMatchObject({ kind: 'lost' })
  await expect(second).rejects.toMatchObject({ kind: 'lost' })
  await until(() => !alive(pid))
  await expect(host.run([run('echo')])).rejects.toMatchObject({ kind: 'lost' })
  await expect(host.put([{ to: '/tmp/x', mode: 0o600, content: Buffer.alloc(200_000) }])).rejects.toMatchObject({
    kind: 'lost',
  })
  await host.close()
  await relay.stop()
})

test('when a server falls silent, the line is given up', async () => {
  const relay = await startRelay(sshd.port)
  const host = await sshOpener({ keepaliveMs: 100 })(sshd.target({ port: relay.port, hostKeyChecking: false }))
  const work = host.run([run('echo $$; exec sleep 1000', { onOutput: () => relay.silence() })])
  await expect(work).rejects.toMatchObject({ kind: 'lost' })
  await host.close()
  await relay.stop()
})

test.each([
  ['ed25519', ['-t', 'ed25519']],
  ['ecdsa', ['-t', 'ecdsa', '-b', '384']],
  ['rsa', ['-t', 'rsa', '-b', '2048']],
  ['rsa in PEM', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']],
])('a key of the kind %s logs in', async (name, options) => {
  const privateKeyFile = sshd.authorize(`id-${name.replaceAll(' ', '-')}`, ...options)
  await using({ privateKeyFile }, async host => expect(await host.run([run('echo in')])).toEqual([ok('in\n')]))
})

test('a passphrase is asked for once, for all hosts', async () => {
  const privateKeyFile = sshd.authorize('id-locked', '-t', 'ed25519', '-N', 'open sesame')
  const asked: string[] = []
  const open = sshOpener({
    askPassphrase: async file => {
      asked.push(file)
      return 'open sesame'
    },
  })
  const hosts = await Promise.all([1, 2, 3].map(() => open(sshd.target({ privateKeyFile }))))
  expect(asked).toEqual([privateKeyFile])
  await Promise.all(hosts.map(host => host.close()))
})

test('the agent is asked, and only for named keys when so configured', async () => {
  const file = sshd.authorize('id-agent', '-t', 'ed25519', '-N', 'secret')
  const other = join(scratch, 'other')
  keygen(other, '-t', 'ed25519')
  const socket = join(scratch, 'agent')
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] })
  await new Promise(resolve => agent.stdout.once('data', resolve))
  const askpass = join(scratch, 'askpass')
  writeFileSync(askpass, '#!/bin/sh\necho secret\n', { mode: 0o755 })
  const env = { ...process.env, SSH_AUTH_SOCK: socket, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' }
  execFileSync('ssh-add', ['-q', other, file], { env })
  const sshArgs = ['-o', `IdentityAgent=${socket}`]
  const named = [...sshArgs, '-o', 'IdentitiesOnly=yes', '-i']
  await using({ privateKeyFile: undefined, sshArgs }, host => host.run([run('true')]))
  await using({ privateKeyFile: undefined, sshArgs: [...named, file] }, host => host.run([run('true')]))
  await expect(openSsh(sshd.target({ privateKeyFile: undefined, sshArgs: [...named, other] }))).rejects.toThrow(
    'refused the login',
  )
  agent.kill()
})

test('a refused login names what was tried', async () => {
  const strange = join(scratch, 'strange')
  keygen(strange, '-t', 'ed25519')
  const missing = join(scratch, 'missing')
  await expect(
    openSsh(sshd.target({ privateKeyFile: strange, sshArgs: ['-i', missing, '-o', 'IdentityAgent=none'] })),
  ).rejects.toMatchObject({
    kind: 'unreachable',
    message: expect.stringMatching(`refused the login as .* \\(tried: ${strange}, ${missing} \\(cannot be read\\)\\)`),
    hint: expect.stringContaining('--private-key'),
  })
})

test('a key that nobody knows is refused with the line that would make it known', async () => {
  const empty = join(scratch, 'empty')
  writeFileSync(empty, '')
  const error = await openSsh(sshd.target({ knownHostsFiles: [empty] })).catch(e => e)
  expect(error).toMatchObject({
    kind: 'unreachable',
    message: expect.stringMatching(/is not known: ssh-ed25519 SHA256:/),
  })
  expect(error.hint).toContain(`add this line to ${empty}: ${sshd.knownHost.trim()}`)
  const known = join(scratch, 'known')
  writeFileSync(known, error.hint.split(`${empty}: `)[1])
  await using({ knownHostsFiles: [known] }, host => host.run([run('true')]))
  execFileSync('ssh-keygen', ['-q', '-H', '-f', known], { stdio: 'ignore' })
  expect(readFileSync(known, 'utf8')).toContain('|1|')
  await using({ knownHostsFiles: [known] }, host => host.run([run('true')]))
})

test('a key that nobody knows is taken with a warning when keys are not checked', async () => {
  const warnings: string[] = []
  const open = sshOpener({ warn: message => warnings.push(message) })
  await using({ knownHostsFiles: [], hostKeyChecking: false }, host => host.run([run('true')]), open)
  expect(warnings).toEqual([expect.stringContaining('the key of server is not known and was taken unseen')])
})

test('of a private key that others may read a warning is given, once a run', async () => {
  const open = join(scratch, 'open')
  copyFileSync(sshd.key, open)
  chmodSync(open, 0o644)
  const warnings: string[] = []
  const opener = sshOpener({ warn: message => warnings.push(message) })
  for (const _ of [1, 2]) await using({ privateKeyFile: open }, host => host.run([run('true')]), opener)
  expect(warnings).toEqual([expect.stringContaining(`chmod 600 ${open}`)])
})

test('a key that has changed is refused always', async () => {
  const file = join(scratch, 'changed')
  keygen(join(scratch, 'impostor'), '-t', 'ed25519')
  const [type, key] = readFileSync(join(scratch, 'impostor.pub'), 'utf8').split(' ')
  writeFileSync(file, `# first\n[127.0.0.1]:${sshd.port} ${type} ${key}\n`)
  for (const hostKeyChecking of [true, false]) {
    await expect(openSsh(sshd.target({ knownHostsFiles: [file], hostKeyChecking }))).rejects.toMatchObject({
      message: expect.stringContaining('shows another key than the known one'),
      hint: expect.stringContaining(`remove ${file}:2`),
    })
  }
  writeFileSync(file, `@revoked * ${sshd.knownHost.split(' ').slice(1).join(' ')}\n${sshd.knownHost}\n`)
  await expect(openSsh(sshd.target({ knownHostsFiles: [file], hostKeyChecking: false }))).rejects.toThrow('revoked')
})

test('with accept-new a new key is written down', async () => {
  const file = join(scratch, 'ssh/new')
  const sshArgs = ['-o', 'StrictHostKeyChecking=accept-new', '-o', `UserKnownHostsFile=${file}`]
  await using({ knownHostsFiles: undefined, sshArgs }, host => host.run([run('true')]))
  expect(readFileSync(file, 'utf8').trim()).toBe(sshd.knownHost)
})

test('names, ports, keys and jump hosts come from the configuration', async () => {
  const far = await startSshd()
  const relay = await startRelay(sshd.port)
  const config = join(scratch, 'config')
  const known = join(scratch, 'known-two')
  writeFileSync(
    known,
    `${sshd.knownHost}\n${far.knownHost}\n${sshd.knownHost.replace(String(sshd.port), String(relay.port))}\n`,
  )
  writeFileSync(
    config,
    `Host far\n HostName 127.0.0.1\n Port ${far.port}\n IdentityFile ${far.key}\n ProxyJump near\n` +
      `Host near\n HostName 127.0.0.1\n Port ${relay.port}\n IdentityFile ${sshd.key}\nHost *\n UserKnownHostsFile ${known}\n`,
  )
  const open = sshOpener({ configFiles: [config] })
  const plain = { port: undefined, privateKeyFile: undefined, knownHostsFiles: undefined }
  const hosts = await Promise.all([1, 2].map(() => open(sshd.target({ ...plain, address: 'far' }))))
  const [where] = await Promise.all(hosts.map(host => host.run([run('echo $SSH_CONNECTION')])))
  expect(where?.[0]?.stdout.trim().endsWith(`127.0.0.1 ${far.port}`)).toBe(true)
  await hosts[0]?.close()
  expect(await hosts[1]?.run([run('echo still')])).toEqual([ok('still\n')])
  relay.cut()
  await expect(hosts[1]?.run([run('echo')])).rejects.toMatchObject({ kind: 'lost' })
  await hosts[1]?.close()
  await relay.stop()
  await expect(open(sshd.target({ ...plain, address: 'far' }))).rejects.toThrow(
    /near \(on the way to server\): 127\.0\.0\.1:\d+ refused/,
  )
  await far.stop()
})

test('a ProxyCommand brings the line, and what it complains of is told', async () => {
  const relay = `${process.execPath} -e "const s=require('net').connect(%p,'%h');process.stdin.pipe(s);s.pipe(process.stdout)"`
  const over = (command: string) => sshd.target({ sshArgs: ['-o', `ProxyCommand=${command}`] })
  const line = await openSsh(over(relay))
  expect(await line.run([run('echo there')])).toEqual([ok('there\n')])
  await line.close()
  await expect(openSsh(over('sh -c "echo no way >&2"'))).rejects.toMatchObject({
    kind: 'unreachable',
    message: 'server: its ProxyCommand says: no way',
  })
})

test('a host that cannot be reached says why', async () => {
  const port = await freePort()
  const closed = openSsh(sshd.target({ port }))
  await expect(closed).rejects.toMatchObject({
    kind: 'unreachable',
    message: `server: 127.0.0.1:${port} refused the connection`,
  })
  await expect(openSsh(sshd.target({ address: 'no-such-host.invalid' }))).rejects.toThrow(
    'the name no-such-host.invalid is not known',
  )
  const mute = createServer(() => {})
  await new Promise<void>(resolve => mute.listen(0, '127.0.0.1', resolve))
  const address = mute.address()
  const mutePort = typeof address === 'object' && address !== null ? address.port : 0
  await expect(openSsh(sshd.target({ port: mutePort, connectTimeoutMs: 300 }))).rejects.toThrow(
    'did not finish the login within 0.3 s',
  )
  const stop = new AbortController()
  const opening = openSsh(sshd.target({ port: mutePort }), stop.signal)
  stop.abort()
  await expect(opening).rejects.toMatchObject({ kind: 'interrupted' })
  mute.close()
})

test('nothing of a script stands on a command line', () =>
  using({}, async host => {
    const seen = `for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$f; echo; done 2>/dev/null # s3cret`
    const results = await host.run([
      run(seen),
      run(seen, { look: true }),
      run(seen, { stdin: 's3cret', environment: { A: 's3cret' } }),
    ])
    for (const result of results) {
      expect(result.stdout).toContain('dd bs=65536')
      expect(result.stdout).not.toContain('s3cret')
    }
  }))
