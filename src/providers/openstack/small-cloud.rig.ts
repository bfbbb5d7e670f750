import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Cloud } from './cloud.ts'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly token: string | undefined
  readonly body: unknown
}

export interface Reply {
  /** `cut`: the line is broken before an answer. */
  readonly status: number | 'cut'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** A server of the test's own that gives tokens as Keystone does, and answers all else as it is told. */
export async function smallCloud(
  reply: (asked: Asked, count: number) => Reply,
  {
    lifetimeMs = 3_600_000,
    status = 201,
    tls,
  }: { lifetimeMs?: number; status?: number; tls?: { key: string; cert: string } } = {},
): Promise<{ cloud: Cloud; asked: Asked[]; tokens: () => number }> {
  const asked: Asked[] = []
  let tokens = 0
  const listen: RequestListener = async (request, response) => {
    const one = await read(request)
    let { status: code, headers, body }: Reply = { status, headers: {}, body: {} }
    if (one.path === '/v3/auth/tokens') {
      tokens++
      headers = { 'X-Subject-Token': `token-${tokens}` }
      body = tokenBody(`${scheme}://${request.headers.host}`, lifetimeMs)
    } else {
      asked.push(one)
      ;({ status: code, headers, body } = reply(one, asked.length))
    }
    if (code === 'cut') return request.socket.destroy()
    response.writeHead(code, { 'Content-Type': 'application/json', 'X-Openstack-Request-Id': 'req-1', ...headers })
    response.end(body === undefined ? '' : JSON.stringify(body))
  }
  const scheme = tls ? 'https' : 'http'
  const server = tls ? createSecureServer(tls, listen) : createServer(listen)
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo // it listens on a port
  return { cloud: cloudAt(`${scheme}://127.0.0.1:${port}/v3`), asked, tokens: () => tokens }
}

/** Who asks in tests. */
export function cloudAt(authUrl: string): Cloud {
  return {
    authUrl,
    identity: { kind: 'password', user: { name: 'demo', domain: { name: 'Default' } }, password: 'pass-secret' },
    project: { name: 'demo', domain: { name: 'Default' } },
    ...{ region: undefined, interface: 'public', caFile: undefined, insecure: false, source: 'the test' },
  }
}

async function read(request: IncomingMessage): Promise<Asked> {
  let text = ''
  for await (const chunk of request) text += chunk
  const token = request.headers['x-auth-token']
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    token: typeof token === 'string' ? token : undefined,
    body: text === '' ? undefined : JSON.parse(text),
  }
}

function tokenBody(origin: string, lifetimeMs: number): unknown {
  const endpoint = (type: string, path: string) => ({
    type,
    endpoints: [
      { interface: 'internal', region_id: 'RegionOne', url: 'http://192.0.2.1' },
      { interface: 'public', region_id: 'RegionOne', url: `${origin}${path}` },
    ],
  })
  return {
    token: {
      issued_at: '2020-01-01T00:00:00.000000Z',
      expires_at: new Date(Date.parse('2020-01-01T00:00:00Z') + lifetimeMs).toISOString(),
      user: { id: 'user-1', name: 'demo' },
      project: { id: 'project-1', name: 'demo' },
      catalog: [endpoint('compute', '/compute/v2.1'), endpoint('network', '/network'), endpoint('image', '/image/v2/')],
    },
  }
}
