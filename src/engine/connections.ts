import type { Become, Connection, ConnectionTarget, OpenConnection } from '../connection/connection.ts'
import { ConnectionError, ownName } from '../connection/connection.ts'
import type { Keywords } from '../playbook/types.ts'
import { splitWords } from '../shell/words.ts'
import type { RunOptions } from './engine.ts'
import { truth } from './truth.ts'

/** An SSH server takes ten sessions a line; the rest are for the shells of users and for large files. */
export const MOST_LANES = 6

/** Reads a variable of a host (opened), or opens a keyword's written value. */
export interface Reader {
  readonly variable: (name: string) => unknown
  readonly keyword: (name: keyof Keywords) => unknown
}

/** Opens each line to a host once and keeps it for the run. */
export class Connections {
  readonly #open: OpenConnection
  readonly #options: RunOptions
  readonly #signal: AbortSignal | undefined
  readonly #lines = new Map<string, { host: string; connection: Promise<Connection>; connectMs: number }>()
  readonly #lanes = new WeakMap<Connection, Connection[]>()
  readonly #passwords = new Map<string, Promise<string>>()

  constructor(open: OpenConnection, options: RunOptions, signal: AbortSignal | undefined) {
    this.#open = open
    this.#options = options
    this.#signal = signal
  }

  /** One of the lanes of the line to a host, on which work goes on beside that of others; 0 is the line itself. Beyond those there are, they are shared. Rejects with `ConnectionError`. */
  async lane(host: string, reader: Reader, lane: number): Promise<Connection> {
    const line = await this.to(host, reader)
    const { type } = this.target(host, reader)
    const which = type === 'local' ? lane : lane % MOST_LANES
    if (which === 0 || line.lane === undefined) return line
    const lanes = this.#lanes.get(line) ?? []
    this.#lanes.set(line, lanes)
    lanes[which] ??= line.lane()
    return lanes[which]
  }

  /** The line to a host. Rejects with `ConnectionError`; a later call tries again. */
  to(host: string, reader: Reader): Promise<Connection> {
    const target = this.target(host, reader)
    const key = lineOf(target)
    const known = this.#lines.get(key)
    if (known) return known.connection
    const start = performance.now()
    const line = { host, connectMs: 0, connection: this.#open(target, this.#signal) }
    this.#lines.set(key, line)
    line.connection.then(
      () => {
        line.connectMs = performance.now() - start
      },
      () => this.#lines.delete(key),
    )
    return line.connection
  }

  /** Forgets the line of a host (`meta: reset_connection`, a lost line). */
  async drop(host: string): Promise<void> {
    for (const [key, line] of this.#lines) {
      if (line.host !== host) continue
      this.#lines.delete(key)
      await line.connection.then(connection => connection.close()).catch(() => undefined)
    }
  }

  async close(): Promise<void> {
    const lines = [...this.#lines.values()]
    await Promise.all(lines.map(line => line.connection.then(c => c.close()).catch(() => undefined)))
  }

  /** Counted work per host. */
  async stats(): Promise<
    Record<string, { roundTrips: number; bytesSent: number; bytesReceived: number; connectMs: number }>
  > {
    const sums: Record<string, { roundTrips: number; bytesSent: number; bytesReceived: number; connectMs: number }> = {}
    for (const { host, connection, connectMs } of this.#lines.values()) {
      const stats = await connection.then(c => c.stats).catch(() => undefined)
      if (!stats) continue
      sums[host] ??= { roundTrips: 0, bytesSent: 0, bytesReceived: 0, connectMs: 0 }
      const sum = sums[host]
      sum.roundTrips += stats.roundTrips
      sum.bytesSent += stats.bytesSent
      sum.bytesReceived += stats.bytesReceived
      sum.connectMs += Math.round(connectMs)
    }
    return sums
  }

  target(host: string, { variable, keyword }: Reader): ConnectionTarget {
    const { connection: defaults } = this.#options
    const type = connectionType(
      text(variable('ansible_connection')) ?? text(keyword('connection')) ?? defaults.type ?? 'ssh',
      host,
    )
    const password =
      text(variable('ansible_ssh_password')) ?? text(variable('ansible_ssh_pass')) ?? text(variable('ansible_password'))
    const checking = variable('ansible_ssh_host_key_checking') ?? variable('ansible_host_key_checking')
    const seconds = Number(variable('ansible_ssh_timeout') ?? variable('ansible_timeout') ?? Number.NaN)
    const port = text(variable('ansible_port')) ?? text(variable('ansible_ssh_port')) ?? text(keyword('port'))
    return {
      host,
      type,
      address: text(variable('ansible_host')) ?? text(variable('ansible_ssh_host')) ?? host,
      port: port === undefined ? defaults.port : portNumber(port, host),
      user:
        text(variable('ansible_user')) ??
        text(variable('ansible_ssh_user')) ??
        text(keyword('remoteUser')) ??
        defaults.user,
      password: password === undefined ? defaults.password : () => Promise.resolve(password),
      privateKeyFile:
        text(variable('ansible_ssh_private_key_file')) ??
        text(variable('ansible_private_key_file')) ??
        defaults.privateKeyFile,
      knownHostsFiles: defaults.knownHostsFiles,
      sshArgs: [
        text(variable('ansible_ssh_common_args')) ?? defaults.sshArgs?.commonArgs,
        text(variable('ansible_ssh_extra_args')) ?? defaults.sshArgs?.extraArgs,
        text(variable('ansible_ssh_args')) ?? defaults.sshArgs?.args,
      ].flatMap(args => splitWords(args ?? '')),
      hostKeyChecking: checking === undefined ? defaults.hostKeyChecking : truth(checking),
      connectTimeoutMs: Number.isNaN(seconds) ? defaults.timeoutMs : seconds * 1000,
      shell: text(variable('ansible_shell_executable')) ?? defaults.shell,
    }
  }

  /** As whom a task runs, or undefined for the login user. */
  become(target: ConnectionTarget, { variable, keyword }: Reader): Become | undefined {
    const defaults = this.#options.become
    const wanted = variable('ansible_become') ?? keyword('become') ?? defaults?.enabled ?? false
    if (!truth(wanted)) return undefined
    const method =
      text(variable('ansible_become_method')) ?? text(keyword('becomeMethod')) ?? defaults?.method ?? 'sudo'
    if (method !== 'sudo' && method !== 'su' && method !== 'doas') {
      throw new ConnectionError('become', `become_method \`${method}\` is not supported`, {
        hint: 'use sudo, su or doas',
      })
    }
    // each method has variables of its own, too
    const said = (what: string) =>
      text(variable(`ansible_become_${what}`)) ?? text(variable(`ansible_${method}_${what}`))
    const user = said('user') ?? text(keyword('becomeUser')) ?? defaults?.user ?? 'root'
    const login = target.type === 'local' ? ownName() : target.user
    if (user === login && method === 'sudo') return undefined
    const own = text(variable('ansible_become_password')) ?? said('pass')
    const password = own === undefined ? defaults?.password : () => Promise.resolve(own)
    const flags = said('flags') ?? text(keyword('becomeFlags')) ?? defaults?.flags
    const exe = said('exe') ?? text(keyword('becomeExe')) ?? defaults?.exe
    return {
      method,
      user,
      ...(flags === undefined ? {} : { flags }),
      ...(exe === undefined ? {} : { exe }),
      ...(password
        ? { password: () => this.#once(own === undefined ? 'become' : `${target.host} ${user}`, password) }
        : {}),
    }
  }

  #once(key: string, ask: () => Promise<string>): Promise<string> {
    const known = this.#passwords.get(key) ?? ask()
    this.#passwords.set(key, known)
    return known
  }
}

/** What tells the line to a target from others. */
export function lineOf(target: ConnectionTarget): string {
  return JSON.stringify(target)
}

function connectionType(name: string, host: string): ConnectionTarget['type'] {
  switch (name.replace(/^.*\./, '')) {
    case 'ssh':
    case 'smart':
    case 'paramiko':
    case 'paramiko_ssh':
      return 'ssh'
    case 'local':
      return 'local'
    case 'docker':
      return 'docker'
    default:
      throw new ConnectionError('unreachable', `${host}: connection \`${name}\` is not supported`, {
        hint: 'use ssh, local or docker',
      })
  }
}

function portNumber(value: string, host: string): number {
  const port = Number(value)
  if (!Number.isNaN(port)) return port
  throw new ConnectionError('unreachable', `${host}: the port \`${value}\` is no number`, {
    hint: 'correct `ansible_port`, or leave it out for 22',
  })
}

function text(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  return String(value)
}
