import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ArgoController, type Data, refusal } from './argocd-controller.ts'

/** One request as it came. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: IncomingMessage['headers']
  readonly body: Data
}

/** The part of Argo CD's API that a client of ours speaks with: sessions, Applications, projects, syncs in phases, streams. */
export interface ArgoServer {
  /** `127.0.0.1:port`. */
  readonly address: string
  /** The certificate that it shows, a file; undefined: it speaks no TLS. */
  readonly certificate: string | undefined
  readonly asked: readonly Asked[]
  readonly controller: ArgoController
  readonly users: Map<string, string>
  /** From now on no token opens anything. */
  expireTokens(): void
  /** The next so many streams end after their first line. */
  brokenStreams: number
  /** The next so many streams end as with a proxy that waits no longer. */
  impatientProxies: number
  /** Lines of containers: pod → lines. */
  readonly logs: Map<string, readonly string[]>
}

/** Starts such a server for the test. */
export async function argoServer({ tls = false }: { readonly tls?: boolean } = {}): Promise<ArgoServer> {
  const asked: Asked[] = []
  const controller = new ArgoController()
  const tokens = new Map<string, string>()
  const certificate = tls ? selfSigned() : undefined
  let issued = 0

  const server: ArgoServer = {
    address: '',
    certificate: certificate?.file,
    asked,
    controller,
    users: new Map([['admin', 'correct horse']]),
    expireTokens: () => tokens.clear(),
    brokenStreams: 0,
    impatientProxies: 0,
    logs: new Map(),
  }

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    void read(request).then(one => {
      asked.push(one)
      // what is no GET has to say what it is: Argo CD answers in plain text otherwise
      if (one.method !== 'GET' && one.headers['content-type'] !== 'application/json')
        return response.writeHead(415, { 'content-type': 'text/plain' }).end('Invalid content type\n')
      if (!one.path.startsWith('/api/'))
        return response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Argo CD</title>')
      try {
        answer(one, response)
      } catch (error) {
        const { status = 500, code = 2, message } = Object(error)
        reply(response, status, { error: message, code, message })
      }
    })
  }

  function answer(one: Asked, response: ServerResponse): unknown {
    const { method, path, body } = one
    if (path === '/api/version') return reply(response, 200, { Version: 'v3.2.0', BuildDate: '2026-01-01T00:00:00Z' })
    if (path === '/api/v1/session' && method === 'POST') {
      const { username, password } = body
      if (server.users.get(username) !== password) throw refusal(401, 16, 'Invalid username or password')
      const token = tokenOf(username, ++issued)
      tokens.set(token, username)
      return reply(response, 200, { token })
    }
    const user = tokens.get((one.headers.authorization ?? '').replace(/^Bearer /, ''))
    if (path === '/api/v1/session/userinfo') {
      return reply(response, 200, user ? { loggedIn: true, username: user, iss: 'argocd', groups: ['lab'] } : {})
    }
    if (one.headers.authorization === undefined) throw refusal(401, 16, 'no session information')
    if (user === undefined) throw refusal(401, 16, 'invalid session: token has invalid claims: token is expired')
    if (path === '/api/v1/account/password' && method === 'PUT') {
      if (server.users.get(user) !== body['currentPassword']) throw refusal(400, 3, 'current password does not match')
      server.users.set(body['name'], body['newPassword'])
      // a new password ends all tokens of before
      for (const [token, owner] of tokens) if (owner === body['name']) tokens.delete(token)
      return reply(response, 200, {})
    }
    const [, , , root, name, ...rest] = path.split('/').map(decodeURIComponent)
    if (root === 'stream' && name === 'applications') return watch(one, response)
    if (root === 'projects') return reply(response, 200, controller.project(method, name, body))
    if (root === 'applications' && rest[0] === 'logs') return sendLogs(name ?? '', one, response)
    if (root === 'applications') return reply(response, 200, controller.application(one, name, rest[0]))
    throw refusal(404, 5, 'Not Found')
  }

  function watch({ query }: Asked, response: ServerResponse): unknown {
    if (server.impatientProxies > 0) {
      server.impatientProxies--
      return response.writeHead(504, { 'content-type': 'text/html' }).end('<h1>Gateway Timeout</h1>')
    }
    // as with Argo CD, not even headers come before something happens
    response.writeHead(200, { 'content-type': 'application/json' })
    const send = (type: string, application: Data) => {
      if (response.writableEnded) return
      response.write(`${JSON.stringify({ result: { type, application } })}\n`)
      if (server.brokenStreams === 0) return
      server.brokenStreams--
      response.end()
    }
    return response.on('close', controller.watch(query['name'] ?? '', Number(query['resourceVersion'] ?? 0), send))
  }

  function sendLogs(name: string, { query }: Asked, response: ServerResponse): void {
    controller.find(name)
    response.writeHead(200, { 'content-type': 'application/json' })
    for (const [podName, lines] of server.logs) {
      const wanted = lines.filter(line => line.includes(query['filter'] ?? ''))
      for (const content of wanted.slice(-Number(query['tailLines'] ?? wanted.length)))
        response.write(
          `${JSON.stringify({ result: { content, podName, last: false, timeStampStr: '2026-01-01T00:00:00Z' } })}\n`,
        )
    }
    if (query['follow'] !== 'true') response.end(`${JSON.stringify({ result: { content: '', last: true } })}\n`)
  }

  const http = certificate ? createSecureServer(certificate, listener) : createServer(listener)
  await new Promise<void>(done => http.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    controller.stop()
    http.closeAllConnections()
    http.close()
  })
  return Object.assign(server, { address: `127.0.0.1:${(http.address() as AddressInfo).port}` })
}

/** A token with the claims that Argo CD writes into it; nobody checks the signature. */
function tokenOf(username: string, id: number): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'HS256' })}.${part({ iss: 'argocd', sub: `${username}:login`, jti: String(id) })}.signature`
}

function selfSigned(): { key: string; cert: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-argocd-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [key, file] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = ['-subj', '/CN=argocd', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', ['req', '-x509', ...curve, ...names, '-days', '2', '-keyout', key, '-out', file], {
    stdio: 'ignore',
  })
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(file, 'utf8'), file }
}

async function read(request: IncomingMessage): Promise<Asked> {
  const url = new URL(request.url ?? '/', 'http://server')
  let text = ''
  for await (const part of request.setEncoding('utf8')) text += part
  const query = Object.fromEntries(url.searchParams)
  const { method = '', headers } = request
  return { method, path: url.pathname, query, headers, body: text === '' ? {} : JSON.parse(text) }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
