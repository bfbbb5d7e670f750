import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type Exchange, isWrite, readable, save } from './exchange.ts'
import { recordingFile } from './lab.ts'
import { makeStable } from './stable.ts'

export interface Recorder {
  /** What OS_AUTH_URL has to be. */
  readonly authUrl: string
  /** All that was said, in the order of the answers. */
  readonly exchanges: readonly Exchange[]
  /** What may have changed something. */
  writes(): readonly Exchange[]
  /** Resolves with the next exchange of this kind. */
  next(wanted: (exchange: Exchange) => boolean): Promise<Exchange>
  forget(): void
  close(): Promise<void>
}

export interface RecorderOptions {
  /** Called with each request before the cloud hears of it. */
  readonly before?: ((method: string, path: string) => Promise<void>) | undefined
}

/** Stands between a client and a cloud: passes everything on, and keeps it. The token's catalogue leads the client here again. */
export async function startRecorder(cloudAuthUrl: string, { before }: RecorderOptions = {}): Promise<Recorder> {
  const exchanges: Exchange[] = []
  const waiting: { wanted: (exchange: Exchange) => boolean; resolve: (exchange: Exchange) => void }[] = []
  /** Where each service really is: name → origin. */
  const services = new Map([['identity', new URL(cloudAuthUrl).origin]])
  let here = ''

  const keep = (exchange: Exchange) => {
    exchanges.push(exchange)
    for (const one of waiting.filter(({ wanted }) => wanted(exchange))) {
      waiting.splice(waiting.indexOf(one), 1)
      one.resolve(exchange)
    }
  }

  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const path = incoming.url ?? '/'
    const [, service = '', rest = ''] = /^\/([^/]+)(.*)$/.exec(path) ?? []
    const origin = services.get(service)
    if (origin === undefined) return outgoing.writeHead(502).end(`no service ${service}`)
    const body = await text(incoming)
    await before?.(incoming.method ?? 'GET', path)
    const answer = await fetch(`${origin}${rest}`, {
      method: incoming.method ?? 'GET',
      headers: sent(incoming),
      ...(body !== '' && { body }),
    })
    let said = await answer.text()
    if (rest.endsWith('/auth/tokens')) learn(said, services)
    for (const [name, real] of services) said = said.replaceAll(real, `${here}/${name}`)
    const headers = said === '' ? kept(answer.headers) : { 'content-type': 'application/json', ...kept(answer.headers) }
    keep({
      ...{ method: incoming.method ?? 'GET', path, ...(body !== '' && { request: readable(body) }) },
      ...{ status: answer.status, headers: headers, answer: said.replaceAll(here, 'http://cloud') },
    })
    outgoing.writeHead(answer.status, headers).end(said)
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(error => outgoing.writeHead(502).end(String(error)))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  here = `http://127.0.0.1:${address.port}`

  return {
    authUrl: `${here}/identity${new URL(cloudAuthUrl).pathname}`,
    exchanges,
    writes: () => exchanges.filter(isWrite),
    next: wanted => new Promise(resolve => waiting.push({ wanted, resolve })),
    forget: () => exchanges.splice(0),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Writes down what was said, when the tests are run to record (OPENSTACK_RECORD=1). */
export function keepRecording(name: string, exchanges: readonly Exchange[], secrets: readonly string[]): void {
  if (process.env['OPENSTACK_RECORD'] === '1') save(recordingFile(name), makeStable(exchanges, secrets))
}

/** The origins of the catalogue's services. */
function learn(answer: string, services: Map<string, string>): void {
  // Keystone's own shape (API v3), or that of an error.
  const { token } = JSON.parse(answer) as { token?: { catalog?: { type: string; endpoints: { url: string }[] }[] } }
  for (const { type, endpoints } of token?.catalog ?? []) {
    const [first] = endpoints
    if (first !== undefined) services.set(type, new URL(first.url).origin)
  }
}

function sent(incoming: IncomingMessage): Record<string, string> {
  const names = ['x-auth-token', 'content-type', 'accept', 'openstack-api-version', 'user-agent']
  return Object.fromEntries(
    names.flatMap(name => {
      const value = incoming.headers[name]
      return typeof value === 'string' ? [[name, value]] : []
    }),
  )
}

function kept(headers: Headers): Record<string, string> {
  const names = ['content-type', 'x-subject-token', 'x-openstack-request-id', 'x-compute-request-id', 'retry-after']
  return Object.fromEntries(
    names.flatMap(name => {
      const value = headers.get(name)
      return value === null ? [] : [[name, value]]
    }),
  )
}

async function text(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
