import { spawn } from 'node:child_process'
import { Duplex } from 'node:stream'
import { ConnectionError } from './connection.ts'
import { interrupted, type Way } from './ssh-reach.ts'

/** The stream of a `ProxyCommand`, run by the shell on this machine. What it complains of is in the error when no login comes about. */
export function proxied(
  way: Way,
  command: string,
): { readonly stream: Duplex; readonly complaint: () => Promise<string> } {
  const { target, settings, signal } = way
  if (signal?.aborted) throw interrupted(target)
  const tokens: Readonly<Record<string, string>> = {
    '%': '%',
    h: settings.hostName,
    n: target.address,
    p: String(settings.port),
    r: settings.user,
  }
  const line = command.replace(/%(.)/g, (whole, name: string) => tokens[name] ?? whole)
  const child = spawn('/bin/sh', ['-c', `exec ${line}`], { stdio: ['pipe', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said = (said + chunk).slice(-1000)
  })
  const stream = Duplex.from({ writable: child.stdin, readable: child.stdout })
  // stays for good, as with a socket
  stream.on('error', () => {})
  child.stdin.on('error', () => {})
  child.on('error', error => stream.destroy(error))
  stream.on('close', () => child.kill())
  const ended = new Promise(resolve => child.once('close', resolve))
  const complaint = async () => {
    stream.destroy()
    await ended
    return said.trim().split('\n').at(-1) ?? ''
  }
  return { stream, complaint }
}

/** The error of a login that did not come about, with what the command said. */
export function withComplaint(error: unknown, complaint: string, host: string): unknown {
  if (!(error instanceof ConnectionError) || complaint === '' || error.kind !== 'unreachable') return error
  return new ConnectionError('unreachable', `${host}: its ProxyCommand says: ${complaint}`, { cause: error })
}
