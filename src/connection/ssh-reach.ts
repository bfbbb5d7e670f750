import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { ConnectionError, type ConnectionTarget } from './connection.ts'
import type { SshSettings } from './ssh-config.ts'
import { explainSocket } from './ssh-errors.ts'

/** On the way to a host, or to a jump host before it. */
export interface Way {
  readonly target: ConnectionTarget
  readonly settings: SshSettings
  readonly signal: AbortSignal | undefined
  readonly depth: number
}

/** A TCP connection. Nagle's algorithm is off: it would add 40 ms to each round trip. */
export function dial({ target, settings, signal }: Way): Promise<Socket> {
  const { hostName: host, port } = settings
  const limitMs = settings.connectTimeoutMs ?? target.connectTimeoutMs
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true })
    const settle = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
    const fail = (error: ConnectionError) => {
      settle()
      socket.destroy()
      reject(error)
    }
    const abort = () => fail(interrupted(target))
    const timer = setTimeout(() => fail(explainSocket(target, settings, { code: 'ETIMEDOUT' }, limitMs)), limitMs)
    signal?.addEventListener('abort', abort, { once: true })
    // Stays for good: once ssh2 has let go of the socket, nobody else would listen.
    socket.on('error', error => fail(explainSocket(target, settings, error, limitMs)))
    socket.once('connect', () => {
      settle()
      resolve(socket)
    })
  })
}

/** A stream from a jump host on. */
export function forward(client: Client, { target, settings }: Way): Promise<Duplex> {
  const { hostName: host, port } = settings
  const limitMs = settings.connectTimeoutMs ?? target.connectTimeoutMs
  return new Promise((resolve, reject) => {
    const fail = (reason: string) =>
      reject(new ConnectionError('unreachable', `${target.host} cannot be reached from its jump host: ${reason}`))
    const timer = setTimeout(() => fail(`no answer within ${limitMs / 1000} s`), limitMs)
    try {
      client.forwardOut('127.0.0.1', 0, host, port, (error, stream) => {
        clearTimeout(timer)
        if (error) fail(error.message)
        else resolve(stream)
      })
    } catch (error) {
      clearTimeout(timer)
      fail(error instanceof Error ? error.message : String(error))
    }
  })
}

/** The error for a signal that came while a host was being reached. */
export function interrupted(target: ConnectionTarget): ConnectionError {
  return new ConnectionError('interrupted', `interrupted while ${target.host} was being reached`)
}
