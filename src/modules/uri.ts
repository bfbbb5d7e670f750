import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineAction, type Result } from './module.ts'
import { attributeArgs, setAttributes, wantedAttributes } from './parts/attributes.ts'
import { quoted } from './parts/download.ts'

const table = {
  url: { type: 'str', required: true, doc: 'The address.' },
  method: { type: 'str', default: 'GET', doc: 'The method, in capitals.' },
  body: { type: 'raw', doc: 'What is sent.' },
  body_format: {
    type: 'str',
    choices: ['raw', 'json', 'form-urlencoded'],
    default: 'raw',
    doc: 'How data in `body` is written.',
  },
  src: { type: 'path', doc: 'A file on the host that is sent.' },
  remote_src: { type: 'bool', default: false, doc: 'Whether `src` is on the host.' },
  headers: { type: 'dict', doc: 'Headers of the request.' },
  status_code: { type: 'list', elements: 'int', default: [200], doc: 'Statuses that are well.' },
  return_content: {
    type: 'bool',
    default: false,
    doc: 'Whether the answer comes back as `content`, whatever its type.',
  },
  url_username: { type: 'str', aliases: ['user'], doc: 'The user for authentication.' },
  url_password: { type: 'str', aliases: ['password'], secret: true, doc: 'The password for it.' },
  force_basic_auth: { type: 'bool', default: false, doc: 'Sends the password with the first request, unasked.' },
  follow_redirects: {
    type: 'str',
    choices: ['all', 'yes', 'True', 'safe', 'none', 'no', 'False', 'urllib2'],
    default: 'safe',
    doc: 'Which redirects are followed: `safe` only those of GET and HEAD.',
  },
  timeout: { type: 'int', default: 30, doc: 'Seconds for the whole exchange.' },
  validate_certs: { type: 'bool', default: true, doc: 'Whether the certificate of the server must be valid.' },
  client_cert: { type: 'path', doc: 'Own certificate, on the host.' },
  client_key: { type: 'path', doc: 'Key of it, on the host.' },
  ca_path: { type: 'path', doc: 'Authorities to trust, on the host.' },
  unix_socket: { type: 'path', doc: 'A socket to connect to in place of the address’s server.' },
  http_agent: { type: 'str', default: 'ansible-httpget', doc: 'The name that the client gives itself.' },
  use_proxy: { type: 'bool', default: true, doc: 'Whether proxies of the environment are used.' },
  force: { type: 'bool', default: false, aliases: ['thirsty'], doc: 'Asks for an answer that no cache holds.' },
  dest: { type: 'path', doc: 'A file on the host that takes the answer.' },
  creates: { type: 'path', doc: 'Nothing is sent when this file is there.' },
  removes: { type: 'path', doc: 'Nothing is sent when this file is not there.' },
  decompress: {
    type: 'bool',
    default: true,
    doc: 'Unpacks a packed answer.',
    ignored: 'the server is not asked to pack',
  },
  use_gssapi: { type: 'bool', default: false, doc: 'Kerberos.', unsupported: 'Kerberos is not spoken' },
  ...attributeArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const uri = defineAction({
  summary: 'Sends a request over HTTP from the host, and checks the status of the answer.',
  details:
    'Needs curl on the host; secrets reach it on its standard input. A plain GET is done with wget where there is no curl.',
  args: table,
  examples: `
- name: The predictor answers
  ansible.builtin.uri:
    url: http://localhost:5100/healthz
    return_content: true
- uri:
    url: http://localhost:5100/predictions
    method: POST
    body: { glucose: 148 }
    body_format: json
    status_code: [200, 201]
`,
  returnDocs: {
    status: 'The status of the answer.',
    url: 'The address that answered.',
    content: 'The answer, as text.',
    json: 'The answer, when it is JSON.',
    msg: 'The size, or what went wrong.',
    redirected: 'Whether another address answered.',
    path: 'The file of the answer.',
  },
  check: ({ method, body, src }) => [
    ...(method !== undefined && !/^[A-Z]+$/i.test(method) ? ['`method` is a word'] : []),
    ...(body !== undefined && src !== undefined ? ['`body` and `src` exclude each other'] : []),
  ],
  guard({ creates, removes }) {
    if (creates === undefined && removes === undefined) return undefined
    return {
      look: lines(
        creates !== undefined && sh`[ ! -e ${pathWord(creates)} ] || echo created`,
        removes !== undefined && sh`[ -e ${pathWord(removes)} ] || echo removed`,
      ),
      skip({ stdout }) {
        if (stdout.includes('created')) return { msg: `skipped, since '${creates}' exists`, changed: false }
        if (stdout.includes('removed')) return { msg: `skipped, since '${removes}' does not exist`, changed: false }
        return undefined
      },
    }
  },
  act(args) {
    return {
      stdin: settings(args),
      timeoutMs: (args.timeout + 30) * 1000,
      script: lines(
        sh`
folder=$(umask 077; mktemp -d) || exit
trap 'rm -rf -- "$folder"' EXIT
if command -v curl >/dev/null; then
  curl -K - -D "$folder/headers" -o "$folder/body" -w '%{http_code} %{url_effective}\n' >"$folder/status" 2>"$folder/said"
  failed=$?`,
        isPlain(args)
          ? sh`
elif command -v wget >/dev/null; then
  # Not its own -T: with it, BusyBox 1.35 of Debian 12 crashes.
  timeout ${args.timeout} wget -q -S ${args.validate_certs ? [] : ['--no-check-certificate']} -O "$folder/body" ${args.url} 2>"$folder/said"
  failed=0
  sed -n 's/^  *\(HTTP.*\)/\1/p; s/^  *\([A-Za-z-]*: .*\)/\1/p' "$folder/said" >"$folder/headers"
  status=$(sed -n 's/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$folder/headers" | tail -n 1)
  if [ -n "$status" ]; then printf '%s %s\n' "$status" ${args.url} >"$folder/status"; else failed=1; fi`
          : undefined,
        sh`
else
  echo ${isPlain(args) ? 'neither curl nor wget is on this host' : 'curl is not on this host; wget can do no more than a plain GET'} >&2
  exit 127
fi
if [ "$failed" -ne 0 ]; then cat "$folder/said" >&2; exit "$failed"; fi
touch "$folder/headers" "$folder/body"`,
        section('status'),
        sh`cat "$folder/status"`,
        section('headers'),
        sh`cat "$folder/headers"`,
        args.dest !== undefined && place(args, args.dest),
        section('body'),
        sh`cat "$folder/body"`,
      ),
    }
  },
  read(output, args): Result {
    if (output.status !== 0) {
      const said = output.stderr.trim()
      return {
        failed: true,
        status: -1,
        url: args.url,
        msg:
          said === ''
            ? 'Status code was -1: the request failed'
            : `Status code was -1 and not ${args.status_code.join(', ')}: ${said}`,
      }
    }
    return answer(args, output.stdout)
  },
})

/** The registered result: Ansible's keys, and every header in small letters with `_` for `-`. */
function answer(args: Args, stdout: string): Result {
  const at = stdout.indexOf('\x1ebody\n')
  const parts = sections(stdout.slice(0, at))
  const content = stdout.slice(at + '\x1ebody\n'.length)
  const [code = '', url = args.url] = (parts.get('status') ?? '').trim().split(' ')
  const headers = headersOf(parts.get('headers') ?? '')
  const status = Number(code)
  const well = args.status_code.includes(status)
  const json = /json|javascript/.test(String(headers.content_type ?? '')) ? parsed(content) : undefined
  const placed = parts.get('dest')?.trim()
  return {
    ...headers,
    status,
    url,
    redirected: normal(url) !== normal(args.url),
    changed: placed === 'changed',
    ...(args.return_content || !well ? { content } : {}),
    ...(json === undefined ? {} : { json }),
    ...(args.dest === undefined ? {} : { path: args.dest }),
    ...(well
      ? { msg: `OK (${headers.content_length ?? 'unknown'} bytes)` }
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

/** Headers of the last answer: redirects leave theirs in front. */
function headersOf(text: string): Record<string, string> {
  const blocks = text.replaceAll('\r', '').split(/\n(?=HTTP\/)/)
  const found: Record<string, string> = {}
  for (const line of (blocks.at(-1) ?? '').split('\n')) {
    const match = /^([^:\s]+):\s*(.*)$/.exec(line)
    if (!match?.[1]) continue
    const name = match[1].toLowerCase().replaceAll('-', '_')
    found[name] = found[name] === undefined ? (match[2] ?? '') : `${found[name]}, ${match[2]}`
  }
  return found
}

/** Moves the answer to its file, when it differs. */
function place(args: Args, dest: string) {
  const wanted = wantedAttributes(args, { mode: 0o644, isDirectory: false, umask: 0o022 })
  return sh`
dest=${pathWord(dest)}
[ ! -d "$dest" ] || dest=$dest/${args.url.replace(/[?#].*$/, '').replace(/.*\//, '') || 'index.html'}
part=\${dest%/*}/.\${dest##*/}.mlops-part
case $dest in */*) ;; *) part=.$dest.mlops-part ;; esac
change=same
if ! cmp -s "$folder/body" "$dest"; then
  cp -- "$folder/body" "$part" && chmod ${wanted.mode ?? '0644'} -- "$part" && mv -f -- "$part" "$dest" || exit
  change=changed
fi
${setAttributes(sh`"$dest"`, wanted) ?? sh`:`} || exit
${section('dest')}
echo "$change"`
}

/** Whether wget can do it as well. */
function isPlain(args: Args): boolean {
  const { method, body, src, headers, url_username: user, unix_socket: socket, client_cert: cert } = args
  const follows = !['none', 'no', 'False'].includes(args.follow_redirects)
  return (
    follows &&
    method.toUpperCase() === 'GET' &&
    [body, src, headers, user, socket, cert].every(given => given === undefined)
  )
}

/** The request in the words of `curl -K`; it comes on standard input, so nothing of it stands on a command line. */
function settings(args: Args): string {
  const method = args.method.toUpperCase()
  const follows =
    ['all', 'yes', 'True'].includes(args.follow_redirects) ||
    (['safe', 'urllib2'].includes(args.follow_redirects) && (method === 'GET' || method === 'HEAD'))
  const [body, type] = bodyOf(args)
  const headers = { ...(type === undefined ? {} : { 'Content-Type': type }), ...args.headers }
  const option = (name: string, value: string | undefined) =>
    value === undefined ? [] : [`${name} = ${quoted(value)}`]
  return [
    `url = ${quoted(args.url)}`,
    'silent',
    'show-error',
    'globoff',
    `max-time = ${args.timeout}`,
    ...(method === 'HEAD' ? ['head'] : [`request = ${quoted(method)}`]),
    ...(follows ? ['location'] : []),
    ...(args.validate_certs ? [] : ['insecure']),
    ...(args.use_proxy ? [] : ['noproxy = "*"']),
    ...(args.url_username === undefined
      ? []
      : [
          `user = ${quoted(`${args.url_username}:${args.url_password ?? ''}`)}`,
          args.force_basic_auth ? 'basic' : 'anyauth',
        ]),
    ...option('user-agent', args.http_agent),
    ...option('cert', args.client_cert),
    ...option('key', args.client_key),
    ...option('cacert', args.ca_path),
    ...option('unix-socket', args.unix_socket),
    ...(args.force ? ['header = "Cache-Control: no-cache"'] : []),
    ...Object.entries(headers).map(([name, value]) => `header = ${quoted(`${name}: ${String(value)}`)}`),
    ...(args.src === undefined ? [] : [`data-binary = ${quoted(`@${args.src}`)}`]),
    // An @ in front would mean a file.
    ...(body === undefined ? [] : [`data-raw = ${quoted(body)}`]),
    '',
  ].join('\n')
}

function bodyOf({ body, body_format: format }: Args): [body?: string, type?: string] {
  if (body === undefined || body === null) return []
  const isText = typeof body === 'string'
  switch (format) {
    case 'json':
      return [isText ? body : JSON.stringify(body), 'application/json']
    case 'form-urlencoded':
      return [isText ? body : form(body), 'application/x-www-form-urlencoded']
    default:
      return [isText ? body : JSON.stringify(body)]
  }
}

/** Names and values as a form sends them: a dict, or a list of pairs; a list as value repeats its name. */
function form(body: unknown): string {
  const pairs: unknown[] = Array.isArray(body)
    ? body
    : typeof body === 'object' && body !== null
      ? Object.entries(body)
      : []
  const words = new URLSearchParams()
  for (const pair of pairs) {
    if (!Array.isArray(pair)) continue
    const [name, value] = pair as unknown[] // read as text below
    for (const one of Array.isArray(value) ? value : [value]) words.append(String(name), String(one))
  }
  return words.toString()
}
