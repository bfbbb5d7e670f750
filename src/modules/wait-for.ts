import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineAction, type Result } from './module.ts'
import { attributeResult, parseStat, statFormat } from './parts/attributes.ts'
import { pythonRegex, search } from './parts/python-regex.ts'

const table = {
  host: { type: 'str', default: '127.0.0.1', doc: 'The address to connect to, as seen from the host.' },
  port: { type: 'int', doc: 'The port.' },
  path: { type: 'path', doc: 'A file.' },
  state: {
    type: 'str',
    choices: ['started', 'stopped', 'present', 'absent', 'drained'],
    default: 'started',
    doc: '`started` and `present`: the port answers, the file is there; `stopped` and `absent`: no longer; `drained`: no connection is left.',
  },
  search_regex: { type: 'str', doc: 'An extended regular expression that the file holds, or that the port sends.' },
  delay: { type: 'int', default: 0, doc: 'Seconds before the first look.' },
  sleep: { type: 'int', default: 1, doc: 'Seconds between two looks.' },
  timeout: { type: 'int', default: 300, doc: 'Longest wait, in seconds.' },
  connect_timeout: { type: 'int', default: 5, doc: 'Longest wait for one connection, in seconds.' },
  msg: { type: 'str', doc: 'The message of the failure.' },
  active_connection_states: {
    type: 'list',
    elements: 'str',
    doc: 'States that count as connected.',
    ignored: 'all but closing ones count',
  },
  exclude_hosts: { type: 'list', elements: 'str', doc: 'Peers that do not count.', unsupported: 'all peers count' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const waitFor = defineAction({
  summary: 'Waits until a port answers, a file is there, or either is gone.',
  details:
    'Looks from the host, with nc, bash, curl or python, whichever is there. Without `port` and `path`, waits for `timeout` seconds.',
  args: table,
  examples: `
- name: Wait until the predictor answers
  ansible.builtin.wait_for:
    port: 5100
    timeout: 60
- wait_for: path=/run/ready state=present
`,
  returnDocs: {
    elapsed: 'Seconds that were waited.',
    port: 'The port.',
    path: 'The file.',
    state: 'As asked for; what is there now, where `path` is.',
    match_groups: 'Groups of `search_regex`.',
    match_groupdict: 'Its groups with names.',
  },
  check: ({ port, path, state }) => [
    ...(port !== undefined && path !== undefined ? ['`port` and `path` exclude each other'] : []),
    ...(state === 'drained' && port === undefined ? ['`state: drained` needs `port`'] : []),
  ],
  act: args => ({
    script: lines(
      args.delay > 0 && sh`sleep ${args.delay}`,
      tests(args),
      sh`
start=$(date +%s)
while :; do
  if reached; then ${args.path === undefined ? sh`:` : describe(args, args.path)}; echo "elapsed=$(( $(date +%s) - start + ${args.delay} ))"; exit 0; fi
  [ $(( $(date +%s) - start + ${args.delay} )) -lt ${args.timeout} ] || break
  sleep ${Math.max(1, args.sleep)}
done
exit 1`,
    ),
    timeoutMs: (args.timeout + args.delay + args.connect_timeout + args.sleep + 30) * 1000,
  }),
  read({ status, stdout, stderr }, args) {
    const elapsed = Number(/elapsed=(\d+)/.exec(stdout)?.[1] ?? args.timeout)
    const common = {
      elapsed,
      path: args.path ?? null,
      port: args.port ?? null,
      search_regex: args.search_regex ?? null,
      state: args.state,
      match_groups: [],
      match_groupdict: {},
      ...found(stdout, args),
    }
    if (status === 0 || (args.port === undefined && args.path === undefined)) return common
    if (status === 127) return { ...common, failed: true, msg: stderr.trim() }
    return { ...common, failed: true, msg: args.msg ?? timeoutText(args) }
  },
})

/** Prints what is at the path, and the text that the expression finds there. */
function describe({ search_regex: regex }: Args, path: string): Script {
  return lines(
    sh`if [ -e ${pathWord(path)} ]; then printf 'stat='; stat -L -c ${statFormat} -- ${pathWord(path)}`,
    regex !== undefined && sh`printf 'match='; grep -o -E -m 1 -e ${extended(regex)} -- ${pathWord(path)} 2>/dev/null`,
    sh`fi`,
  )
}

function found(stdout: string, { search_regex: regex }: Args): Result {
  const attributes = parseStat(/^stat=(.*)$/m.exec(stdout)?.[1] ?? '')
  const text = /^match=(.*)$/m.exec(stdout)?.[1]
  const match = regex === undefined || text === undefined ? undefined : search(pythonRegex(regex), text)
  return {
    ...(attributes === undefined ? {} : attributeResult(attributes)),
    ...(match === undefined
      ? {}
      : { match_groups: match.slice(1).map(group => group ?? null), match_groupdict: { ...match.groups } }),
  }
}

/** Python's syntax in that of `grep -E`, as far as they differ in what is used here. */
function extended(regex: string): string {
  return regex
    .replaceAll(/\(\?(P<\w+>|:)/g, '(')
    .replaceAll('\\d', '[0-9]')
    .replaceAll(/([*+?}])\?/g, '$1')
}

function timeoutText({ state, port, path, host, search_regex: regex }: Args): string {
  const what = path ?? `${host}:${port}`
  switch (state) {
    case 'absent':
    case 'stopped':
      return path === undefined
        ? `Timeout when waiting for ${what} to stop.`
        : `Timeout when waiting for ${what} to be absent.`
    case 'drained':
      return `Timeout when waiting for ${what} to drain`
    default:
      return regex === undefined
        ? `Timeout when waiting for ${path === undefined ? '' : 'file '}${what}`
        : `Timeout when waiting for search string ${regex} in ${what}`
  }
}

/** Defines `reached`. */
function tests(args: Args): Script {
  const gone = args.state === 'absent' || args.state === 'stopped'
  if (args.path !== undefined) return fileTest(args, args.path, gone)
  if (args.port === undefined) return sh`reached() { return 1; }`
  if (args.state === 'drained') return drained(args, args.port)
  return lines(connects(args, args.port), gone ? sh`reached() { ! answers; }` : sh`reached() { answers; }`)
}

function fileTest({ search_regex: regex }: Args, path: string, gone: boolean): Script {
  const found =
    regex === undefined
      ? sh`[ -e ${pathWord(path)} ]`
      : sh`grep -q -E -e ${extended(regex)} -- ${pathWord(path)} 2>/dev/null`
  return gone ? sh`reached() { ! ${found}; }` : sh`reached() { ${found}; }`
}

/** Defines `answers` with the first tool that the host has. */
function connects({ host, connect_timeout: limit, search_regex: regex }: Args, port: number): Script {
  if (regex !== undefined) {
    return sh`
if command -v nc >/dev/null; then answers() { nc -w ${limit} ${host} ${port} </dev/null 2>/dev/null | grep -q -E -e ${extended(regex)}; }
elif command -v bash >/dev/null; then answers() { timeout ${limit} bash -c 'exec 3<>"/dev/tcp/$0/$1" && cat <&3' ${host} ${port} 2>/dev/null | grep -q -E -e ${extended(regex)}; }
else echo 'none of nc and bash is on this host to read from a port' >&2; exit 127; fi`
  }
  return sh`
if command -v bash >/dev/null && command -v timeout >/dev/null; then
  answers() { timeout ${limit} bash -c 'exec 3<>"/dev/tcp/$0/$1"' ${host} ${port} 2>/dev/null; }
elif nc -h 2>&1 | grep -q -e '-z'; then
  answers() { nc -z -w ${limit} ${host} ${port} 2>/dev/null; }
elif command -v nc >/dev/null; then
  answers() { nc -w ${limit} ${host} ${port} </dev/null >/dev/null 2>&1; }
elif command -v curl >/dev/null; then
  # 7: refused, 28: no answer; a server that speaks something else than HTTP is there all the same.
  answers() { curl -s -o /dev/null --connect-timeout ${limit} --max-time ${limit} ${`telnet://${host.includes(':') ? `[${host}]` : host}:${port}`} </dev/null; case $? in 6|7) return 1 ;; *) return 0 ;; esac; }
elif command -v python3 >/dev/null; then
  answers() { python3 -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), int(sys.argv[3])).close()' ${host} ${port} ${limit} 2>/dev/null; }
elif [ ${isLocal(host)} = true ]; then
  answers() { cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q -i ${`:${hex(port)} [0-9a-f]*:0000 0A`}; }
else echo 'none of bash, nc, curl and python3 is on this host to connect to a port' >&2; exit 127; fi`
}

/** Connections of a port in the kernel's table: established, waiting, but neither listening nor closed. */
function drained({ host }: Args, port: number): Script {
  const address = host === 'localhost' ? '127.0.0.1' : host
  const own =
    /^\d+(\.\d+){3}$/.test(address) && address !== '0.0.0.0' ? `(0{16}FFFF0000)?${words(address)}` : '[0-9a-f]+'
  return sh`reached() { ! cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q -i -E ${`^ *[0-9]+: ${own}:${hex(port)} [0-9a-f]+:[0-9a-f]+ (01|02|03|04|05|06|08|09|0B) `}; }`
}

/** An IPv4 address as the kernel's table has it on machines that put the small end first. */
function words(address: string): string {
  return address
    .split('.')
    .reverse()
    .map(byte => Number(byte).toString(16).padStart(2, '0'))
    .join('')
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0')
}

function isLocal(host: string): boolean {
  return /^(127\.|localhost$|::1$|0\.0\.0\.0$)/.test(host)
}
