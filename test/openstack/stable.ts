import type { Exchange } from './exchange.ts'

/**
 * Makes a recording fit to be kept: without secrets, and with names in place of what is new in every run.
 * What the client brought up becomes a variable (`<public-key 1>`), which a replay fills with what its client says;
 * what the cloud brought up becomes a value that is always the same.
 */
export function makeStable(exchanges: readonly Exchange[], secrets: readonly string[]): Exchange[] {
  const names = new Names(secrets)
  return collapse(exchanges).map(exchange => {
    const path = names.inRequest(exchange.path)
    const request = exchange.request === undefined ? undefined : names.inRequest(exchange.request)
    const headers = Object.fromEntries(
      Object.entries(exchange.headers).map(([name, value]) => [name, names.inAnswer(value)]),
    )
    const answer = names.inAnswer(short(exchange.answer))
    return {
      method: exchange.method,
      path,
      ...(request !== undefined && { request }),
      status: exchange.status,
      headers,
      answer,
    }
  })
}

/** A place in a recorded request that holds whatever the client says there. */
export const VARIABLE = /<([a-z-]+) (\d+)>/g

/** What a variable of a kind looks like. */
export function looksOf(kind: string): string {
  if (kind === 'time') return TIME.source
  // One in some hundred digests has no letter.
  if (kind === 'digest') return '[0-9a-f]{8,}'
  return KINDS.find(one => one.kind === kind)?.looks.source ?? '[^"]*'
}

interface Kind {
  readonly kind: string
  readonly looks: RegExp
  /** What stands for the n-th value of the cloud. */
  readonly fixed: (n: number) => string
}

const KINDS: readonly Kind[] = [
  { kind: 'private-key', looks: /-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----/g, fixed: () => '(private key)' },
  { kind: 'public-key', looks: /\bAAAA[A-Za-z0-9+/]{60,}={0,2}/g, fixed: n => `AAAA${n}` },
  { kind: 'token', looks: /\bgAAAAA[\w-]{60,}={0,2}/g, fixed: n => `token-${n}` },
  {
    kind: 'id',
    looks: /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g,
    fixed: n => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  },
  { kind: 'hash', looks: /\b(?:[0-9a-f]{2}:){15}[0-9a-f]{2}\b/g, fixed: () => Array(16).fill('00').join(':') },
  {
    kind: 'mac',
    looks: /\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g,
    fixed: n => `fa:16:3e:00:00:${String(n).padStart(2, '0')}`,
  },
  {
    kind: 'digest',
    looks: /\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/g,
    fixed: n => String(n).padStart(32, '0'),
  },
]

const TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?/g

/** The same name for the same value, in the order in which they come up. */
class Names {
  readonly #names = new Map<string, string>()
  readonly #given = new Set<string>()
  readonly #counts = new Map<string, number>()

  constructor(secrets: readonly string[]) {
    for (const secret of secrets) this.#names.set(secret, this.#variable('secret'))
  }

  inRequest(text: string): string {
    return this.#rename(text, ({ kind }) => this.#variable(kind)).replace(TIME, '<time 0>')
  }

  /** Times stay: a token's life is measured by them. */
  inAnswer(text: string): string {
    return this.#rename(text, ({ kind, fixed }) => fixed(this.#next(kind)))
  }

  #rename(text: string, name: (kind: Kind) => string): string {
    let renamed = text
    for (const [value, known] of this.#names) renamed = renamed.replaceAll(value, known)
    for (const kind of KINDS) {
      renamed = renamed.replace(kind.looks, value => {
        const known = this.#given.has(value) ? value : this.#names.get(value)
        if (known !== undefined) return known
        const given = name(kind)
        this.#names.set(value, given)
        this.#given.add(given)
        return given
      })
    }
    return renamed
  }

  #variable(kind: string): string {
    return `<${kind} ${this.#next(kind)}>`
  }

  #next(kind: string): number {
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    return count
  }
}

/** A poll whose answer is the one before says nothing new. */
function collapse(exchanges: readonly Exchange[]): Exchange[] {
  const last = new Map<string, string>()
  return exchanges.filter(({ method, path, status, answer }) => {
    if (method !== 'GET') return true
    const said = `${status} ${answer}`
    const again = last.get(path) === said
    last.set(path, said)
    return !again
  })
}

/** Links lead nowhere in a replay, passwords of administrators are nobody's business, and consoles are long. */
function short(answer: string): string {
  let parsed: unknown
  try {
    parsed = JSON.parse(answer)
  } catch {
    return answer.slice(0, 500)
  }
  return JSON.stringify(parsed, (key, value) => {
    if (key === 'links' || key === 'audit_ids') return undefined
    if (key === 'adminPass') return '(password)'
    if (key === 'catalog' && Array.isArray(value))
      return value.filter(entry => USED.includes(entry.type)).map(publicOnly)
    return value
  })
}

const USED = ['compute', 'network', 'image', 'identity']

function publicOnly(entry: { endpoints: { interface: string }[] }) {
  return { ...entry, endpoints: entry.endpoints.filter(endpoint => endpoint.interface === 'public') }
}
