import type { Duplex } from 'node:stream'
import { NodeSSH } from 'node-ssh'
import type { AnyAuthMethod, Client } from 'ssh2'
import { ConnectionError, type ConnectionTarget } from './connection.ts'
import { hostKeyCheck } from './host-key.ts'
import { sshSettings } from './ssh-config.ts'
import { explainLogin } from './ssh-errors.ts'
import { attempts, type KeyRing } from './ssh-keys.ts'
import { proxied, withComplaint } from './ssh-proxy.ts'
import { dial, forward, interrupted, type Way } from './ssh-reach.ts'

export interface SshOptions {
  /** Asks for the passphrase of a key file, once a run; undefined leaves the key out. */
  readonly askPassphrase?: (file: string) => Promise<string | undefined>
  /** Told when a host's key is taken without being known, and of private keys that others may read. */
  readonly warn?: (message: string, host: string) => void
  /** Instead of `~/.ssh/config` and `/etc/ssh/ssh_config`. */
  readonly configFiles?: readonly string[]
  /** How often the far side must show that it is there; three silences end the line. */
  readonly keepaliveMs?: number
}

/** An authenticated line to a host. */
export interface SshLine {
  readonly client: Client
  readonly user: string
  /** Never rejects. */
  close(): Promise<void>
}

/** Opens lines to hosts, over other hosts where the configuration says so; those in between are shared. */
export class SshLines {
  readonly #options: SshOptions
  readonly #ring: KeyRing
  readonly #told = new Set<string>()
  readonly #jumps = new Map<string, { readonly line: Promise<SshLine>; users: number }>()

  constructor(options: SshOptions) {
    this.#options = options
    this.#ring = { askPassphrase: options.askPassphrase, opened: new Map() }
  }

  async open(target: ConnectionTarget, signal: AbortSignal | undefined): Promise<SshLine> {
    const { address, user, port, sshArgs } = target
    const settings = sshSettings({ host: address, user, port, args: sshArgs, files: this.#options.configFiles })
    for (const option of settings.unheeded) this.#tell(option, target.host)
    return this.#connect({ target, settings, signal, depth: 0 }, settings.proxyJump)
  }

  /** Once for all hosts. */
  #tell(option: string, host: string): void {
    if (this.#told.has(option)) return
    this.#told.add(option)
    this.#options.warn?.(`the ssh option ${option} is not followed (${host})`, host)
  }

  async #connect(way: Way, hops: readonly string[]): Promise<SshLine> {
    const { target, settings, signal, depth } = way
    if (signal?.aborted) throw interrupted(target)
    if (depth > MAX_HOPS)
      throw new ConnectionError('unreachable', `the jump hosts before ${target.host} go in a circle`)
    const last = hops.at(-1)
    if (last === undefined) {
      if (settings.proxyCommand === undefined) return this.#login(way, await dial(way))
      const { stream, complaint } = proxied(way, settings.proxyCommand)
      return this.#login(way, stream).catch(async error => {
        throw withComplaint(error, await complaint(), target.host)
      })
    }
    const jump = await this.#jump(way, last, hops.slice(0, -1))
    try {
      const line = await this.#login(way, await forward(jump.client, way))
      return { ...line, close: () => line.close().then(() => jump.close()) }
    } catch (error) {
      await jump.close()
      throw error
    }
  }

  /** A line to a jump host, shared by all who go over it, and closed by the last. */
  async #jump(way: Way, hop: string, before: readonly string[]): Promise<SshLine> {
    const [, user, host = hop, port] = /^(?:ssh:\/\/)?(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(hop) ?? []
    const address = host.replace(/^\[|\]$/g, '')
    const question = {
      host: address,
      user,
      port: port === undefined ? undefined : Number(port),
      files: this.#options.configFiles,
    }
    const settings = sshSettings(question)
    const { sshArgs: _, password: __, ...rest } = way.target
    const target = { ...rest, host: `${address} (on the way to ${way.target.host})`, address }
    const key = [...before, `${settings.user}@${settings.hostName}:${settings.port}`].join(',')
    const open = this.#jumps.get(key)
    const jump = open ?? {
      line: this.#connect(
        { ...way, target, settings, depth: way.depth + 1 },
        before.length > 0 ? before : settings.proxyJump,
      ),
      users: 0,
    }
    jump.users++
    this.#jumps.set(key, jump)
    const forget = () => this.#jumps.get(key) === jump && this.#jumps.delete(key)
    try {
      const line = await jump.line
      line.client.once('close', forget)
      return {
        ...line,
        close: async () => {
          if (--jump.users > 0) return
          forget()
          await line.close()
        },
      }
    } catch (error) {
      forget()
      throw error
    }
  }

  async #login(way: Way, sock: Duplex): Promise<SshLine> {
    const { target, settings, signal } = way
    const limitMs = settings.connectTimeoutMs ?? target.connectTimeoutMs
    const ways = attempts({
      settings,
      privateKeyFile: target.privateKeyFile,
      onlyPrivateKey: target.onlyPrivateKey,
      password: target.password,
      ring: this.#ring,
      warn: message => this.#options.warn?.(message, target.host),
    })
    const hostKey = hostKeyCheck(target, settings, this.#options.warn)
    let refused: ConnectionError | undefined
    const give = (error: ConnectionError) => {
      refused ??= error
      sock.destroy()
    }
    const deadline = restartable(limitMs, () =>
      give(new ConnectionError('unreachable', `${target.host} did not finish the login within ${limitMs / 1000} s`)),
    )
    const abort = () => give(interrupted(target))
    signal?.addEventListener('abort', abort, { once: true })
    const ssh = new NodeSSH()
    const opening = ssh.connect({
      sock,
      username: settings.user,
      algorithms: { serverHostKey: hostKey.algorithms },
      hostVerifier: (key: Buffer) => {
        refused = hostKey.refuse(key)
        return refused === undefined
      },
      authHandler: (left, _partial, next) => {
        deadline.stop() // people may be asked for a passphrase meanwhile
        ways.next(left).then(
          method => {
            deadline.start()
            next(method as AnyAuthMethod) // `false` ends it; the type of the callback does not know that
          },
          error => give(error),
        )
      },
      keepaliveInterval: this.#options.keepaliveMs ?? 10_000,
      keepaliveCountMax: 3,
      readyTimeout: 0,
    })
    const client = ssh.connection as Client // set before connect() waits for anything
    client.on('error', () => {})
    const gone = new Promise<void>(resolve => client.once('close', () => resolve()))
    try {
      await opening
    } catch (error) {
      sock.destroy()
      throw refused ?? explainLogin(target, settings, error, ways.tried)
    } finally {
      deadline.stop()
      signal?.removeEventListener('abort', abort)
    }
    return { client, user: settings.user, close: () => end(client, gone) }
  }
}

async function end(client: Client, gone: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise(resolve => {
    timer = setTimeout(resolve, CLOSE_MS)
  })
  client.end()
  await Promise.race([gone, late])
  clearTimeout(timer)
  client.destroy()
}

function restartable(ms: number, act: () => void) {
  let timer = setTimeout(act, ms)
  return {
    stop: () => clearTimeout(timer),
    start: () => {
      clearTimeout(timer)
      timer = setTimeout(act, ms)
    },
  }
}

const MAX_HOPS = 8
const CLOSE_MS = 2000
