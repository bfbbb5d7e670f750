import { request } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'

/** The proxy that leads to an address, as `HTTPS_PROXY` and `NO_PROXY` say (also in small letters); undefined: none. */
export function proxyFor({ hostname, port }: URL, environment: NodeJS.ProcessEnv): URL | undefined {
  const either = (name: string) => environment[name] || environment[name.toLowerCase()] || ''
  const address = either('HTTPS_PROXY')
  const host = hostname.replace(/^\[|\]$/g, '')
  const isLocal = host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host)
  if (
    address === '' ||
    isLocal ||
    either('NO_PROXY')
      .split(',')
      .some(excepts(host, port || '443'))
  )
    return undefined
  const text = address.includes('://') ? address : `http://${address}`
  return URL.canParse(text) ? new URL(text) : undefined
}

/** `*`, a host, or a domain with all below it; with a port that one alone. */
function excepts(host: string, port: string): (entry: string) => boolean {
  return entry => {
    const [, name = '', only] = /^\s*\*?\.?(.*?)(?::(\d+))?\s*$/.exec(entry) ?? []
    if (entry.trim() === '*') return true
    return (
      name !== '' &&
      (only === undefined || only === port) &&
      (host === name.toLowerCase() || host.endsWith(`.${name.toLowerCase()}`))
    )
  }
}

/** A line to an address through a proxy, with TLS from end to end. */
export async function tunnel(
  proxy: URL,
  { hostname, port }: URL,
  tls: { readonly ca: string[] | undefined; readonly rejectUnauthorized: boolean; readonly signal: AbortSignal },
): Promise<TLSSocket> {
  const host = hostname.replace(/^\[|\]$/g, '')
  const socket = await connected(proxy, `${hostname}:${port || 443}`, tls.signal)
  return await new Promise((resolve, reject) => {
    const secure = connect({
      ...{ socket, rejectUnauthorized: tls.rejectUnauthorized },
      ...(tls.ca && { ca: tls.ca }),
      ...(isIP(host) === 0 && { servername: host }),
    })
    const stop = () => secure.destroy(new Error('aborted'))
    tls.signal.addEventListener('abort', stop, { once: true })
    secure.once('secureConnect', () => {
      tls.signal.removeEventListener('abort', stop)
      resolve(secure)
    })
    secure.once('error', reject)
    // TLS does not end the line that it was given
    secure.once('close', () => socket.destroy())
  })
}

function connected(proxy: URL, path: string, signal: AbortSignal): Promise<Socket> {
  const { username, password } = proxy
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return new Promise((resolve, reject) => {
    const asked = request({
      ...{ host: proxy.hostname, port: proxy.port || 80, method: 'CONNECT', path, agent: false, signal },
      headers: {
        Host: path,
        ...(username && { 'Proxy-Authorization': `Basic ${Buffer.from(pair).toString('base64')}` }),
      },
    })
    asked.once('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) return resolve(socket)
      socket.destroy()
      reject(new Error(`the proxy ${proxy.host} answers ${statusCode}`))
    })
    asked.once('response', ({ statusCode }) => reject(new Error(`the proxy ${proxy.host} answers ${statusCode}`)))
    asked.once('error', reject)
    asked.end()
  })
}
