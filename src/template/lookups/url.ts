import { spawnSync } from 'node:child_process'
import type { Call } from '../environment.ts'
import { text } from '../filters/coerce.ts'
import { asDict, dictEntries } from '../python/dict.ts'
import { failure } from '../python/fail.ts'
import { truth } from '../python/iterate.ts'

/** Options of Ansible's lookup, and those that mean nothing here. */
const known = new Set([
  ...['validate_certs', 'split_lines', 'username', 'password', 'headers', 'timeout', 'http_agent', 'follow_redirects'],
  ...['ca_path', 'force', 'force_basic_auth'],
])
const without = new Set(['use_proxy', 'use_gssapi', 'unix_socket', 'unredirected_headers', 'use_netrc', 'ciphers'])

/** The text behind an address, as a list of lines, or whole. Throws `template.lookup`. */
export function readUrl(address: string, { kwargs }: Call): string[] {
  for (const name of Object.keys(kwargs)) {
    if (without.has(name)) throw failure('unsupported', `the lookup url does not support ${name}`)
    if (!known.has(name)) throw failure('lookup', `the lookup url has no option ${name}`)
  }
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
    throw failure('lookup', `\`${address}\` is no http:// or https:// address`)
  const answer = fetched(address, kwargs)
  if (!truth(kwargs.split_lines ?? true)) return [answer]
  return answer === '' ? [] : answer.replace(/\r?\n$/, '').split(/\r?\n/)
}

/** Templates are opened in one go, and Node fetches only beside it: a process of its own asks, and is waited for. */
function fetched(address: string, kwargs: Call['kwargs']): string {
  const seconds = Number(kwargs.timeout ?? 10)
  const request = {
    address,
    timeoutMs: seconds * 1000,
    redirect: /^(no|none)$/i.test(text(kwargs.follow_redirects ?? 'safe')) ? 'manual' : 'follow',
    headers: {
      'user-agent': text(kwargs.http_agent ?? 'ansible-httpget'),
      ...credentials(kwargs),
      ...headersOf(kwargs),
    },
  }
  const { status, stdout, stderr, error } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    // Credentials go through standard input: an argument would be seen in the list of processes.
    input: JSON.stringify(request),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: seconds * 1000 + 5000,
    env: {
      ...process.env,
      NODE_NO_WARNINGS: '1',
      ...(truth(kwargs.validate_certs ?? true) ? {} : { NODE_TLS_REJECT_UNAUTHORIZED: '0' }),
      ...(kwargs.ca_path === undefined ? {} : { NODE_EXTRA_CA_CERTS: text(kwargs.ca_path) }),
    },
  })
  if (status === 0) return stdout
  throw failure(
    'lookup',
    `${withoutPassword(address)} cannot be read: ${stderr.trim() || error?.message || 'no answer'}`,
  )
}

const program = `
import { readFileSync, writeFileSync } from 'node:fs'
const { address, timeoutMs, headers, redirect } = JSON.parse(readFileSync(0, 'utf8'))
try {
  const answer = await fetch(address, { headers, redirect, signal: AbortSignal.timeout(timeoutMs) })
  if (!answer.ok) throw new Error('HTTP ' + answer.status + ' ' + answer.statusText)
  writeFileSync(1, await answer.text())
} catch (error) {
  writeFileSync(2, error.cause?.message || error.message)
  process.exitCode = 1
}
`

function credentials({ username, password }: Call['kwargs']): Record<string, string> {
  if (username === undefined) return {}
  const pair = Buffer.from(`${text(username)}:${password === undefined ? '' : text(password)}`)
  return { authorization: `Basic ${pair.toString('base64')}` }
}

function headersOf({ headers }: Call['kwargs']): Record<string, string> {
  if (headers === undefined) return {}
  return Object.fromEntries(dictEntries(asDict(headers, 'headers')).map(([name, value]) => [text(name), text(value)]))
}

function withoutPassword(address: string): string {
  const shown = new URL(address)
  if (shown.password) shown.password = '***'
  return shown.href
}
