import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Channel } from './channel.ts'
import { frameOf, frames, type KeptReply, type KeptRequest } from './kept-wire.ts'
import { execChannel } from './ssh.ts'
import { type SshLine, SshLines } from './ssh-line.ts'

/** Keeps lines to hosts for the runs of this user, until none was needed for as long as was asked. Resolves then; at once when another one serves already. */
export async function keepLines(path: string): Promise<void> {
  const server = createServer({ allowHalfOpen: true })
  if (!(await listen(server, path))) return
  await new Keeper(server).done
}

interface Kept {
  readonly line: Promise<SshLine>
  readonly warnings: string[]
  users: number
  usedAt: number
  timer: NodeJS.Timeout | undefined
}

class Keeper {
  readonly #server: Server
  readonly #lines = new Map<string, Kept>()
  readonly done: Promise<void>

  constructor(server: Server) {
    this.#server = server
    this.done = new Promise(resolve => server.on('close', () => resolve()))
    server.on('connection', socket => this.#serve(socket))
    setTimeout(() => this.#endWhenIdle(), FIRST_MS).unref()
  }

  #serve(socket: Socket): void {
    socket.on('error', () => {})
    // one that only asks whether somebody listens
    const leave = () => socket.destroy()
    socket.once('end', leave)
    let head = Buffer.alloc(0)
    const read = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf(10)
      if (end < 0) return
      socket.off('data', read).off('end', leave).pause()
      const rest = head.subarray(end + 1)
      if (rest.length > 0) socket.unshift(rest)
      this.#answer(head.toString('utf8', 0, end), socket).catch(error =>
        socket.end(frameOf(frames.failed, String(error?.message ?? error))),
      )
    }
    socket.on('data', read)
  }

  async #answer(request: string, socket: Socket): Promise<void> {
    const { target, keepMs, command } = JSON.parse(request) as KeptRequest // of a run of the same user and build
    const { key, kept } = this.#line(target)
    kept.users++
    clearTimeout(kept.timer)
    const release = () => {
      kept.usedAt = Date.now()
      kept.users--
      // of a line that is gone already, it must not hold the process
      if (kept.users === 0) kept.timer = setTimeout(() => this.#close(key, kept), keepMs).unref()
    }
    try {
      const line = await kept.line
      if (command === undefined) {
        if (kept.users === 1 && Date.now() - kept.usedAt > TRUSTED_MS) await this.#probe(key, kept, line)
        const reply: KeptReply = { user: line.user, warnings: kept.warnings.splice(0) }
        socket.end(frameOf(frames.reply, JSON.stringify(reply)))
      } else await relay(target.host, line, command, socket, target.connectTimeoutMs)
    } finally {
      release()
    }
  }

  /** A line with room for one more session, since runs at the same time would wait for each other's. */
  #line(target: KeptRequest['target']): { readonly key: string; readonly kept: Kept } {
    for (let i = 0; ; i++) {
      const key = JSON.stringify([target, i])
      const kept = this.#lines.get(key)
      if (kept === undefined) return { key, kept: this.#open(key, target) }
      if (kept.users < MOST_SESSIONS) return { key, kept }
    }
  }

  #open(key: string, target: KeptRequest['target']): Kept {
    const warnings: string[] = []
    const lines = new SshLines({ warn: message => warnings.push(message) })
    const kept: Kept = { line: lines.open(target, undefined), warnings, users: 0, usedAt: Date.now(), timer: undefined }
    this.#lines.set(key, kept)
    const forget = () => {
      if (this.#lines.get(key) === kept) this.#lines.delete(key)
      this.#endWhenIdle()
    }
    kept.line.then(line => line.client.once('close', forget), forget)
    return kept
  }

  /** A line that nobody used for a while may be gone without a word. Rejects, and forgets it, when nothing answers. */
  async #probe(key: string, kept: Kept, line: SshLine): Promise<void> {
    const answer = new Promise<boolean>(resolve => {
      setTimeout(() => resolve(false), PROBE_MS).unref()
      line.client.exec(':', (error, stream) => {
        if (error) return resolve(false)
        stream.on('close', () => resolve(true)).resume()
      })
    })
    if (await answer) return
    this.#close(key, kept)
    throw new Error('the line is gone')
  }

  #close(key: string, kept: Kept): void {
    if (this.#lines.get(key) === kept) this.#lines.delete(key)
    void kept.line.then(line => line.close()).catch(() => {})
    this.#endWhenIdle()
  }

  #endWhenIdle(): void {
    if (this.#lines.size === 0) this.#server.close()
  }
}

/** Runs a command for a connection: its stdin comes from there, frames go back. Resolves when both ends have ended. */
async function relay(host: string, line: SshLine, command: string, socket: Socket, timeoutMs: number): Promise<void> {
  const over = new Promise<void>(resolve => socket.once('close', () => resolve()))
  const say = (kind: Parameters<typeof frameOf>[0], content: Uint8Array | string) => {
    if (!socket.destroyed) socket.write(frameOf(kind, content))
  }
  const listener = {
    stdout: (chunk: Buffer) => say(frames.stdout, chunk),
    stderr: (chunk: Buffer) => say(frames.stderr, chunk),
    closed: (status: number | undefined) => {
      if (status !== undefined) say(frames.exit, String(status))
      socket.end()
    },
  }
  const stats = { bytesSent: 0, bytesReceived: 0 }
  const channel: Channel = await execChannel(host, line.client, timeoutMs, stats)(command, listener)
  say(frames.reply, '')
  socket.on('data', chunk => {
    socket.pause()
    void channel.write(chunk).then(() => socket.resume())
  })
  socket.on('end', () => channel.end())
  socket.on('close', () => channel.destroy())
  if (socket.destroyed) channel.destroy()
  socket.resume()
  await over
}

/** False: another one serves there. A socket that nobody listens to any more is taken over. */
async function listen(server: Server, path: string): Promise<boolean> {
  for (const last of [false, true]) {
    try {
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
      // its folder lets nobody else in, either
      chmodSync(path, 0o600)
      return true
    } catch {
      if (last || (await isServed(path))) return false
      rmSync(path, { force: true })
    }
  }
  return false
}

function isServed(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

/** What sshd gives a line unless its `MaxSessions` says otherwise. */
const MOST_SESSIONS = 10
const FIRST_MS = 30_000
const TRUSTED_MS = 10_000
const PROBE_MS = 3000
