import { readFileSync, writeFileSync } from 'node:fs'

/** One request to a cloud, and what came back. */
export interface Exchange {
  readonly method: string
  /** With the service before it: `/compute/v2.1/servers`. */
  readonly path: string
  /** The body as text; undefined: none. User data is shown as the text it stands for. */
  readonly request?: string | undefined
  readonly status: number
  /** Those headers of the answer that say something. */
  readonly headers: Readonly<Record<string, string>>
  readonly answer: string
}

/** Whether a request may have changed something in the cloud. Asking for a token does not. */
export function isWrite({ method, path, request = '' }: Pick<Exchange, 'method' | 'path' | 'request'>): boolean {
  // Nova shows a console only to a POST.
  return method !== 'GET' && !path.endsWith('/auth/tokens') && !request.includes('os-getConsoleOutput')
}

/** User data as text in place of base64, so that people and masks can read it. */
export function readable(body: string): string {
  return body.replace(/"user_data":"([A-Za-z0-9+/=]+)"/, (_, data: string) => {
    return `"user_data":${JSON.stringify(Buffer.from(data, 'base64').toString())}`
  })
}

/** Exchanges of a file: one a line, with JSON as JSON, so that people can read what changes. */
export function load(file: string): Exchange[] {
  // Written by `save`.
  const kept = JSON.parse(readFileSync(file, 'utf8')) as (Exchange & { request?: unknown; answer: unknown })[]
  return kept.map(one => ({
    ...one,
    ...(one.request !== undefined && { request: text(one.request) }),
    answer: text(one.answer),
  }))
}

export function save(file: string, exchanges: readonly Exchange[]): void {
  const lines = exchanges.map(one =>
    JSON.stringify({
      ...one,
      ...(one.request !== undefined && { request: value(one.request) }),
      answer: value(one.answer),
    }),
  )
  writeFileSync(file, `[\n${lines.join(',\n')}\n]\n`)
}

function text(kept: unknown): string {
  return typeof kept === 'string' ? kept : JSON.stringify(kept)
}

function value(said: string): unknown {
  try {
    return JSON.parse(said)
  } catch {
    return said
  }
}
