import { sections } from '../../shell/sections.ts'
import type { Result } from '../module.ts'
import { attributeResult, parseStat } from './attributes.ts'
import type { UriArgs } from './uri-args.ts'

/** The registered result: Ansible's keys, and every header in small letters with `_` for `-`. */
export function answer(args: UriArgs, stdout: string): Result {
  const at = stdout.indexOf('\x1ebody\n')
  const parts = sections(stdout.slice(0, at))
  const content = stdout.slice(at + '\x1ebody\n'.length)
  const [code = '', seconds = '0', url = args.url] = (parts.get('status') ?? '').trim().split(' ')
  const { headers, reason, cookies } = headersOf(parts.get('headers') ?? '')
  const status = Number(code)
  const well = args.status_code.includes(status)
  const json = /json|javascript/.test(String(headers['content_type'] ?? '')) ? parsed(content) : undefined
  const [placed, stat = ''] = (parts.get('dest') ?? '').trim().split('\n')
  const attributes = parseStat(stat)
  return {
    ...headers,
    ...(headers['location'] === undefined ? {} : { location: new URL(headers['location'], url).href }),
    cookies: Object.fromEntries(cookies),
    cookies_string: cookies.map(([name, value]) => `${name}=${value}`).join('; '),
    elapsed: Math.floor(Number(seconds)) || 0,
    status,
    url,
    redirected: normal(url) !== normal(args.url),
    changed: placed === 'changed',
    ...(args.return_content || !well ? { content } : {}),
    ...(json === undefined ? {} : { json }),
    ...(status < 300 ? {} : { body: content }),
    ...(args.dest === undefined ? {} : { path: args.dest, ...(attributes ? attributeResult(attributes) : {}) }),
    ...(well
      ? {
          msg:
            status < 300 ? `OK (${headers['content_length'] ?? 'unknown'} bytes)` : `HTTP Error ${status}: ${reason}`,
        }
      : { failed: true, msg: `Status code was ${status} and not [${args.status_code.join(', ')}]` }),
  }
}

function normal(url: string): string {
  return url.replace(/\/$/, '')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

interface Head {
  readonly headers: Readonly<Record<string, string>>
  readonly reason: string
  /** As Python's cookie jar gives them: of one path, those with the longer names of hosts first, else the last one first. */
  readonly cookies: readonly (readonly [string, string])[]
}

/** Headers of the last answer: redirects leave theirs in front. */
function headersOf(text: string): Head {
  const blocks = text.replaceAll('\r', '').split(/\n(?=HTTP\/)/)
  const found: Record<string, string> = {}
  const cookies = new Map<string, string>()
  const [first = '', ...rest] = (blocks.at(-1) ?? '').split('\n')
  for (const line of rest) {
    const match = /^([^:\s]+):\s*(.*)$/.exec(line)
    if (!match?.[1]) continue
    const name = match[1].toLowerCase().replaceAll('-', '_')
    if (name === 'set_cookie') {
      const [, key, value = ''] = /^([^=;]+)=([^;]*)/.exec(match[2] ?? '') ?? []
      if (key !== undefined) cookies.set(key, value)
    }
    found[name] = found[name] === undefined ? (match[2] ?? '') : `${found[name]}, ${match[2]}`
  }
  return { headers: found, reason: first.replace(/^HTTP\S* \d+ ?/, '').trim(), cookies: [...cookies] }
}
