import { createServer } from 'node:http'
import { type Exchange, isWrite, load, readable } from './exchange.ts'
import { looksOf, VARIABLE } from './stable.ts'

export interface Replay {
  /** What OS_AUTH_URL has to be. */
  readonly authUrl: string
  /** Requests that were not recorded, and recorded ones that did not come. Empty: all was as it had been. */
  differences(): readonly string[]
  close(): Promise<void>
}

/**
 * A server that answers as the cloud did when `file` was recorded. A request that changes something is answered once; a
 * question gets what was true after as many changes as there have been.
 */
export async function startReplay(file: string): Promise<Replay> {
  const recorded = withWrites(load(file))
  const values = new Map<string, string>()
  const used = new Set<Recorded>()
  const unknown: string[] = []
  const tokens = new Set<string>()
  let writes = 0
  let here = ''

  const find = (asked: Asked): Recorded | undefined => {
    const same = recorded.filter(one => !(isWrite(one) && used.has(one)) && matches(one, asked, values))
    if (isWrite(asked)) return same[0]
    const now = same.filter(one => one.after <= writes)
    const latest = Math.max(...now.map(one => one.after))
    const candidates = now.length === 0 ? same : now.filter(one => one.after === latest)
    return candidates.find(one => !used.has(one)) ?? candidates.at(-1)
  }

  const server = createServer(async (incoming, outgoing) => {
    let body = ''
    for await (const chunk of incoming.setEncoding('utf8')) body += chunk
    const asked = { method: incoming.method ?? 'GET', path: incoming.url ?? '', request: readable(body) }
    const found = find(asked)
    if (found === undefined) {
      unknown.push(`not recorded: ${asked.method} ${asked.path} ${asked.request}`)
      // Not worth another try, in no client's eyes.
      return outgoing.writeHead(418, { 'content-type': 'application/json' }).end('{"error":{"message":"not recorded"}}')
    }
    const token = incoming.headers['x-auth-token']
    if (!isLogin(asked) && !tokens.has(String(token))) unknown.push(`without a token: ${asked.method} ${asked.path}`)
    tokens.add(found.headers['x-subject-token'] ?? '')
    bind(found, asked, values)
    used.add(found)
    if (isWrite(asked)) writes++
    const answer = fill(found.answer, values).replaceAll('http://cloud', here)
    outgoing.writeHead(found.status, found.headers).end(answer)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  here = `http://127.0.0.1:${address.port}`

  return {
    authUrl: `${here}/identity/v3`,
    differences: () => [...unknown, ...recorded.filter(one => isMissing(one, used, recorded)).map(missing)],
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type Asked = Pick<Exchange, 'method' | 'path' | 'request'>

/** With the number of changes that had come before. */
type Recorded = Exchange & { readonly after: number }

function withWrites(exchanges: readonly Exchange[]): Recorded[] {
  let after = 0
  return exchanges.map(exchange => {
    const one = { ...exchange, after }
    if (isWrite(exchange)) after++
    return one
  })
}

function isLogin({ method, path }: Asked): boolean {
  return method === 'POST' && path.endsWith('/auth/tokens')
}

function matches(recorded: Exchange, asked: Asked, values: ReadonlyMap<string, string>): boolean {
  return recorded.method === asked.method && read(recorded, asked, values) !== undefined
}

function bind(recorded: Exchange, asked: Asked, values: Map<string, string>): void {
  for (const [name, value] of read(recorded, asked, values) ?? []) values.set(name, value)
}

/** What the request says for the variables of the recorded one; undefined: it is another request. */
function read(recorded: Exchange, asked: Asked, known: ReadonlyMap<string, string>): [string, string][] | undefined {
  const names: string[] = []
  const template = `${recorded.path}\n${recorded.request ?? ''}`
  let pattern = ''
  let end = 0
  for (const { 0: whole, 1: kind = '', index } of template.matchAll(VARIABLE)) {
    pattern += literal(template.slice(end, index))
    end = index + whole.length
    const value = known.get(whole)
    if (kind === 'time') pattern += `(?:${looksOf(kind)})`
    else if (value !== undefined) pattern += literal(value)
    else if (names.includes(whole)) pattern += `\\${names.indexOf(whole) + 1}`
    else {
      names.push(whole)
      pattern += `(${looksOf(kind)})`
    }
  }
  pattern += literal(template.slice(end))
  const found = new RegExp(`^${pattern}$`).exec(`${asked.path}\n${asked.request ?? ''}`)
  return found === null ? undefined : names.map((name, i) => [name, found[i + 1] ?? ''])
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}

function fill(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(VARIABLE, whole => values.get(whole) ?? whole)
}

/** Of several answers to one question it is enough that it was asked. */
function isMissing(one: Recorded, used: ReadonlySet<Recorded>, all: readonly Recorded[]): boolean {
  if (used.has(one)) return false
  return isWrite(one) || !all.some(other => used.has(other) && other.method === one.method && other.path === one.path)
}

function missing({ method, path, request = '' }: Exchange): string {
  return `not asked: ${method} ${path} ${request}`
}
