import { connect, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { channelOf, type OpenChannel } from './channel.ts'
import { ConnectionError, type ConnectionTarget, type OpenConnection } from './connection.ts'
import { FramedConnection } from './framed.ts'
import { frameReader, frames, type KeptReply, type KeptRequest } from './kept-wire.ts'

export interface KeepOptions {
  /** How long a line stays open behind its last use. */
  readonly keepMs: number
  /** The keeper's socket. */
  readonly socket: string
  /** Starts a keeper there. */
  readonly start: () => void
  readonly warn?: ((message: string, host: string) => void) | undefined
}

/**
 * Opens connections over SSH on lines that a process in the background keeps from run to run. What it cannot do, such as ask for a
 * passphrase, and where there is a password, `open` does as ever.
 */
export function keptOpener(open: OpenConnection, options: KeepOptions): OpenConnection {
  let started: Promise<boolean> | undefined
  return async (target, signal) => {
    if (target.type !== 'ssh' || target.password !== undefined) return open(target, signal)
    started ??= ready(options)
    const reply = (await started) ? await opened(options, target, signal) : undefined
    if (reply === undefined) return open(target, signal)
    for (const warning of reply.warnings) options.warn?.(warning, target.host)
    const stats = { roundTrips: 1, bytesSent: 0, bytesReceived: 0 }
    return new FramedConnection({
      host: target.host,
      shell: target.shell ?? '/bin/sh',
      user: reply.user,
      startTimeoutMs: Math.max(target.connectTimeoutMs, 10_000),
      openChannel: keptChannel(options, target, stats),
      closeLine: async () => {},
      stats,
    })
  }
}

/** Whether a keeper listens, one that is started now if need be. */
async function ready({ socket, start }: KeepOptions): Promise<boolean> {
  for (let tries = 0; tries < 250; tries++) {
    const served = await new Promise<boolean>(resolve => {
      const probe = connect(socket, () => resolve(true)).on('error', () => resolve(false))
      probe.on('connect', () => probe.destroy())
    })
    if (served) return true
    if (tries === 0) start()
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return false
}

/** Undefined: the keeper could not open the line. */
function opened(
  { socket, keepMs }: KeepOptions,
  target: ConnectionTarget,
  signal: AbortSignal | undefined,
): Promise<KeptReply | undefined> {
  return new Promise((resolve, reject) => {
    const line = ask(socket, { target, keepMs })
    const abort = () => {
      line.destroy()
      reject(new ConnectionError('interrupted', `interrupted while ${target.host} was being reached`))
    }
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    const take = frameReader((kind, content) => {
      // of a keeper of the same build
      resolve(kind === frames.reply ? (JSON.parse(content.toString()) as KeptReply) : undefined)
      line.destroy()
    })
    line.on('data', take)
    line.on('error', () => resolve(undefined))
    line.on('close', () => {
      signal?.removeEventListener('abort', abort)
      resolve(undefined)
    })
  })
}

function keptChannel(
  { socket, keepMs }: KeepOptions,
  target: ConnectionTarget,
  stats: { bytesSent: number; bytesReceived: number },
): OpenChannel {
  return (command, listener) =>
    new Promise((resolve, reject) => {
      const stdin = ask(socket, { target, keepMs, command })
      const [stdout, stderr] = [new PassThrough(), new PassThrough()]
      const lost = (why: string) => reject(new ConnectionError('lost', `the line to ${target.host} was lost: ${why}`))
      const streams = { stdin, stdout, stderr, destroy: () => stdin.destroy() }
      const { channel, exited, closed } = channelOf(streams, listener, stats)
      const take = frameReader((kind, content) => {
        if (kind === frames.reply) resolve(channel)
        else if (kind === frames.stdout) stdout.write(content)
        else if (kind === frames.stderr) stderr.write(content)
        else if (kind === frames.exit) exited(Number(content.toString()))
        else lost(content.toString())
      })
      let open = 2
      // what came is to be read to its end first
      const ended = () => --open === 0 && closed()
      for (const stream of [stdout, stderr]) stream.on('end', ended)
      const end = () => {
        lost('its keeper ended')
        stdout.end()
        stderr.end()
        stdin.destroy()
      }
      stdin.on('data', take).on('end', end).on('close', end)
    })
}

function ask(path: string, request: KeptRequest): Socket {
  const socket = connect({ path, allowHalfOpen: true })
  socket.on('error', () => {})
  socket.write(`${JSON.stringify(request)}\n`)
  return socket
}
