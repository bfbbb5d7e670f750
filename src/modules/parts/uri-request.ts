import { quoted } from './download.ts'
import { jsonText } from './json-text.ts'
import type { UriArgs } from './uri-args.ts'

/** Whether wget can do it as well. */
export function isPlainGet(args: UriArgs): boolean {
  const { method, body, src, headers, url_username: user, unix_socket: socket, client_cert: cert } = args
  const follows = !['none', 'no', 'False'].includes(args.follow_redirects)
  return (
    follows &&
    method.toUpperCase() === 'GET' &&
    [body, src, headers, user, socket, cert].every(given => given === undefined)
  )
}

/** The request in the words of `curl -K`; it comes on standard input, so nothing of it stands on a command line. */
export function curlRequest(args: UriArgs, src: string | undefined): string {
  const method = args.method.toUpperCase()
  const follows =
    ['all', 'yes', 'True'].includes(args.follow_redirects) ||
    (['safe', 'urllib2'].includes(args.follow_redirects) && (method === 'GET' || method === 'HEAD'))
  const [body = method === 'POST' && src === undefined ? '' : undefined, type] = bodyOf(args)
  // curl would say that it accepts anything; Ansible says nothing
  const headers = {
    Accept: '',
    ...(type === undefined ? (body === '' ? { 'Content-Type': '' } : {}) : { 'Content-Type': type }),
    ...args.headers,
  }
  const option = (name: string, value: string | undefined) =>
    value === undefined ? [] : [`${name} = ${quoted(value)}`]
  return [
    `url = ${quoted(args.url)}`,
    'silent',
    'show-error',
    'globoff',
    `max-time = ${args.timeout}`,
    // what is named is sent again behind a redirect, where a POST has to become a GET
    ...(method === 'HEAD' ? ['head'] : method === 'POST' ? [] : [`request = ${quoted(method)}`]),
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
    ...Object.entries(headers).map(([name, value]) => `header = ${quoted(`${name}: ${String(value)}`.trimEnd())}`),
    ...(src === undefined ? [] : [`data-binary = ${quoted(`@${src}`)}`]),
    // An @ in front would mean a file.
    ...(body === undefined ? [] : [`data-raw = ${quoted(body)}`]),
    '',
  ].join('\n')
}

function bodyOf({ body, body_format: format }: UriArgs): [body?: string, type?: string] {
  if (body === undefined || body === null) return []
  const isText = typeof body === 'string'
  switch (format) {
    case 'json':
      return [isText ? body : jsonText(body), 'application/json']
    case 'form-urlencoded':
      return [isText ? body : form(body), 'application/x-www-form-urlencoded']
    default:
      return [isText ? body : jsonText(body)]
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
