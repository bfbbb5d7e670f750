import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { ConnectionTarget } from './connection.ts'

/** A real sshd on a port of its own, with its own host key, for tests. */
export interface Sshd {
  readonly port: number
  readonly folder: string
  /** `[127.0.0.1]:port type key`. */
  readonly knownHost: string
  /** Logs in with it. */
  readonly key: string
  readonly process: ChildProcess
  target(more?: Partial<ConnectionTarget>): ConnectionTarget
  /** Makes a key that the server accepts; its file. */
  authorize(name: string, ...keygen: string[]): string
  stop(): Promise<void>
}

/** `settings` of sshd_config; those that need the server's folder are made with it. */
export async function startSshd(
  settings: readonly string[] | ((folder: string) => readonly string[]) = [],
): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-sshd-'))
  const port = await freePort()
  mkdirSync('/run/sshd', { recursive: true })
  keygen(join(folder, 'host'), '-t', 'ed25519')
  const authorized = join(folder, '.ssh/authorized_keys')
  mkdirSync(join(folder, '.ssh'))
  const authorize = (name: string, ...options: string[]) => {
    const file = join(folder, name)
    keygen(file, ...options)
    writeFileSync(authorized, readFileSync(`${file}.pub`), { flag: 'a', mode: 0o644 })
    return file
  }
  const key = authorize('id', '-t', 'ed25519')
  execFileSync('chmod', ['711', folder])
  const config = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${authorized}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication yes',
    'PermitRootLogin yes',
    'MaxStartups 100',
    'LogLevel VERBOSE',
    ...(typeof settings === 'function' ? settings(folder) : settings),
  ]
  writeFileSync(join(folder, 'config'), `${config.join('\n')}\n`)
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  process.once('exit', () => server.kill()) // a test that ran out of time does not stop it
  await listening(server)
  const [type, words] = readFileSync(join(folder, 'host.pub'), 'utf8').split(' ')
  const knownHost = `[127.0.0.1]:${port} ${type} ${words}`
  const knownHosts = join(folder, 'known_hosts')
  writeFileSync(knownHosts, `${knownHost}\n`)
  return {
    port,
    folder,
    knownHost,
    key,
    process: server,
    authorize,
    target: more => ({
      host: 'server',
      type: 'ssh',
      address: '127.0.0.1',
      port,
      user: userInfo().username,
      privateKeyFile: key,
      knownHostsFiles: [knownHosts],
      hostKeyChecking: true,
      connectTimeoutMs: 10_000,
      ...more,
    }),
    stop: async () => {
      const gone = new Promise(resolve => server.once('exit', resolve))
      server.kill()
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function keygen(file: string, ...options: readonly string[]): void {
  execFileSync('ssh-keygen', [
    '-q',
    '-f',
    file,
    '-C',
    'test',
    ...(options.includes('-N') ? [] : ['-N', '']),
    ...options,
  ])
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A line in between that can be cut or silenced. */
export interface Relay {
  readonly port: number
  cut(): void
  silence(): void
  stop(): Promise<void>
}

export async function startRelay(to: number): Promise<Relay> {
  const sockets = new Set<Socket>()
  const server: Server = createServer(near => {
    const far = connect(to, '127.0.0.1')
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}))
    near.pipe(far).pipe(near)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut,
    silence: () => {
      for (const socket of sockets) socket.unpipe().pause()
    },
    stop: async () => {
      cut()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** Until a condition holds; the test's own time limit is the only clock. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve))
}

/** Whether a process runs: one that nobody has reaped yet does not. */
export function alive(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

function listening(server: ChildProcess): Promise<void> {
  let log = ''
  return new Promise((resolve, reject) => {
    server.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString()
      if (log.includes('Server listening')) resolve()
    })
    server.once('exit', code => reject(new Error(`sshd ended with ${code}: ${log}`)))
  })
}
