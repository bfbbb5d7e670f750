import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { ConnectionError, ownName } from './connection.ts'
import { matchesPattern } from './known-hosts.ts'

/** What ssh_config(5) says about one host, tokens opened. */
export interface SshSettings {
  readonly hostName: string
  readonly port: number
  readonly user: string
  readonly identityFiles: readonly string[]
  readonly identitiesOnly: boolean
  readonly identityAgent: string | undefined
  readonly proxyJump: readonly string[]
  readonly proxyCommand: string | undefined
  readonly userKnownHostsFiles: readonly string[]
  readonly globalKnownHostsFiles: readonly string[]
  readonly strictHostKeyChecking: string | undefined
  readonly hostKeyAlias: string | undefined
  readonly connectTimeoutMs: number | undefined
  /** Options of the command line that would change something and are not followed. */
  readonly unheeded: readonly string[]
}

export interface SshQuestion {
  /** The host as the user names it. */
  readonly host: string
  readonly user?: string | undefined
  readonly port?: number | undefined
  /** Options of a command line, which win over files: `-o Key=value`, `-i`, `-p`, `-l`, `-J`, `-F`. */
  readonly args?: readonly string[] | undefined
  /** Instead of `~/.ssh/config` and `/etc/ssh/ssh_config`. */
  readonly files?: readonly string[] | undefined
}

export function sshSettings(question: SshQuestion): SshSettings {
  const values: Values = new Map()
  const { options, file } = readArgs(question.args ?? [])
  if (question.user !== undefined) set(values, 'user', [question.user])
  if (question.port !== undefined) set(values, 'port', [String(question.port)])
  for (const { key, words } of options) set(values, key, words)
  const files =
    question.files ?? (file === undefined ? [join(homedir(), '.ssh/config'), '/etc/ssh/ssh_config'] : [file])
  for (const path of file === 'none' ? [] : files)
    readConfig(path, { values, host: question.host, active: true, depth: 0 })
  const unheeded = options.flatMap(({ key, words: [value = ''] }) => {
    const name = MATTERING.find(each => each.toLowerCase() === key)
    return name === undefined || /^(no|none)$/i.test(value) ? [] : [name]
  })
  return { ...settings(values, question.host), unheeded }
}

/** Options that are not followed here and that somebody would miss. */
const MATTERING = [
  'AddressFamily',
  'BindAddress',
  'BindInterface',
  'CertificateFile',
  'Ciphers',
  'DynamicForward',
  'ForwardAgent',
  'ForwardX11',
  'HostKeyAlgorithms',
  'KexAlgorithms',
  'LocalForward',
  'MACs',
  'PKCS11Provider',
  'RemoteForward',
  'SendEnv',
  'SetEnv',
  'Tunnel',
]

/** Lower-case key → its words; keys that add up have the words of all lines. The first line wins otherwise. */
type Values = Map<string, string[]>

interface Reading {
  readonly values: Values
  readonly host: string
  active: boolean
  readonly depth: number
}

interface Option {
  readonly key: string
  readonly words: string[]
}

function settings(values: Values, host: string): Omit<SshSettings, 'unheeded'> {
  const first = (key: string) => values.get(key)?.[0]
  const plain = first('hostname')
  const hostName = (plain === undefined ? host : openTokens(plain, { h: host })).toLowerCase()
  const port = portOf(first('port') ?? '22', host)
  const local = ownName()
  const user = first('user') ?? local
  const tokens = {
    h: hostName,
    p: String(port),
    r: user,
    n: host,
    d: homedir(),
    u: local,
    k: first('hostkeyalias') ?? host,
  }
  const paths = (key: string) =>
    (values.get(key) ?? []).filter(path => path !== 'none').map(path => openPath(path, tokens))
  const jump = first('proxyjump')
  const agent = first('identityagent')
  const timeout = Number(first('connecttimeout'))
  return {
    hostName,
    port,
    user,
    identityFiles: paths('identityfile'),
    identitiesOnly: first('identitiesonly')?.toLowerCase() === 'yes',
    identityAgent: agent === undefined ? process.env['SSH_AUTH_SOCK'] : openAgent(agent, tokens),
    proxyJump: jump === undefined || jump === 'none' ? [] : jump.split(',').map(hop => openTokens(hop.trim(), tokens)),
    proxyCommand: first('proxycommand') === 'none' ? undefined : first('proxycommand'),
    userKnownHostsFiles: values.has('userknownhostsfile')
      ? paths('userknownhostsfile')
      : [join(homedir(), '.ssh/known_hosts'), join(homedir(), '.ssh/known_hosts2')],
    globalKnownHostsFiles: values.has('globalknownhostsfile')
      ? paths('globalknownhostsfile')
      : ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
    strictHostKeyChecking: first('stricthostkeychecking')?.toLowerCase(),
    hostKeyAlias: first('hostkeyalias'),
    connectTimeoutMs: timeout > 0 ? timeout * 1000 : undefined,
  }
}

function portOf(value: string, host: string): number {
  const port = Number(value)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new ConnectionError('unreachable', `${host}: there is no port ${value}`, {
    hint: 'a port is a whole number from 1 to 65535 (`ansible_port`, `Port` of ~/.ssh/config)',
  })
}

function readConfig(path: string, reading: Reading): void {
  if (!existsSync(path) || reading.depth > MAX_DEPTH) return
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const option = readLine(line)
    if (option === undefined) continue
    const { key, words } = option
    if (key === 'host') reading.active = matchesList(words, reading.host)
    else if (key === 'match') reading.active = matchesAll(words, reading)
    else if (key === 'include' && reading.active) include(path, words, reading)
    else if (reading.active) set(reading.values, key, words)
  }
}

/** An included file starts as active as the line that names it, and cannot change what stands behind. */
function include(from: string, words: readonly string[], reading: Reading): void {
  const base = from.startsWith('/etc/') ? '/etc/ssh' : join(homedir(), '.ssh')
  for (const word of words) {
    const pattern = openHome(word)
    for (const path of expandGlob(isAbsolute(pattern) ? pattern : join(base, pattern))) {
      readConfig(path, { ...reading, depth: reading.depth + 1 })
    }
  }
}

/** Match: all of its conditions must hold. `exec`, `canonical` and others never do: nothing is run to read a file. */
function matchesAll(words: readonly string[], reading: Reading): boolean {
  const rest = [...words]
  let holds = true
  while (rest.length > 0) {
    const [condition = '', ...attached] = (rest.shift() ?? '').split('=')
    const negated = condition.startsWith('!')
    const name = condition.slice(negated ? 1 : 0).toLowerCase()
    const value = name === 'all' ? '' : attached.length > 0 ? attached.join('=') : (rest.shift() ?? '')
    if (matchesOne(name, value, reading) === negated) holds = false
  }
  return holds
}

function matchesOne(name: string, value: string, { values, host }: Reading): boolean {
  const patterns = value.split(',')
  const hostName = values.get('hostname')?.[0]
  switch (name) {
    case 'all':
      return true
    case 'host':
      return matchesList(patterns, hostName === undefined ? host : openTokens(hostName, { h: host }))
    case 'originalhost':
      return matchesList(patterns, host)
    case 'user':
      return matchesList(patterns, values.get('user')?.[0] ?? ownName())
    case 'localuser':
      return matchesList(patterns, ownName())
    default:
      return false
  }
}

function matchesList(patterns: readonly string[], name: string): boolean {
  let found = false
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!')
    if (!matchesPattern(pattern.slice(negated ? 1 : 0), name)) continue
    if (negated) return false
    found = true
  }
  return found
}

function set(values: Values, key: string, words: readonly string[]): void {
  const before = values.get(key)
  if (key === 'identityfile' || key === 'certificatefile') {
    values.set(key, [...new Set([...(before ?? []), ...words])])
  } else if (before === undefined) values.set(key, [...words])
}

/** `Key value`, `Key=value`, `Key "a value"`; undefined for an empty line or a comment. */
function readLine(line: string): Option | undefined {
  const [, key, rest = ''] = /^\s*([A-Za-z][A-Za-z0-9]*)\s*(?:\s|=)\s*(.*?)\s*$/.exec(line) ?? []
  if (key === undefined) return undefined
  // the rest of the line is a command for the shell, quotes and all
  if (key.toLowerCase() === 'proxycommand') return { key: 'proxycommand', words: [rest] }
  const words = [...rest.matchAll(/"([^"]*)"|(#.*)|([^\s"]+)/g)].flatMap(([, quoted, comment, bare]) =>
    comment === undefined ? [quoted ?? bare ?? ''] : [],
  )
  return { key: key.toLowerCase(), words }
}

const FLAGS: Readonly<Record<string, string>> = { i: 'identityfile', p: 'port', l: 'user', J: 'proxyjump' }

function readArgs(args: readonly string[]): { options: Option[]; file: string | undefined } {
  const options: Option[] = []
  let file: string | undefined
  for (let i = 0; i < args.length; i++) {
    const [, flag = '', attached = ''] = /^-([oipJlF])(.*)$/s.exec(args[i] ?? '') ?? []
    if (flag === '') continue
    const value = attached === '' ? (args[++i] ?? '') : attached
    const option = flag === 'o' ? readLine(value) : undefined
    if (option !== undefined) options.push(option)
    else if (flag === 'F') file = openHome(value)
    else if (FLAGS[flag] !== undefined) options.push({ key: FLAGS[flag], words: [value] })
  }
  return { options, file }
}

function openTokens(text: string, tokens: Readonly<Record<string, string>>): string {
  return text.replace(/%(.)/g, (whole, name: string) => (name === '%' ? '%' : (tokens[name] ?? whole)))
}

function openPath(path: string, tokens: Readonly<Record<string, string>>): string {
  const named = path.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => process.env[name] ?? '')
  return openHome(openTokens(named, tokens))
}

function openAgent(value: string, tokens: Readonly<Record<string, string>>): string | undefined {
  if (value === 'none') return undefined
  if (value === 'SSH_AUTH_SOCK') return process.env['SSH_AUTH_SOCK']
  return value.startsWith('$') && !value.startsWith('${') ? process.env[value.slice(1)] : openPath(value, tokens)
}

function openHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path
}

/** The files that a path with `*` and `?` names, sorted. */
function expandGlob(path: string): string[] {
  if (!/[*?]/.test(path)) return [path]
  const folder = dirname(path)
  const name = path.slice(folder.length + 1)
  return expandGlob(folder)
    .filter(existsSync)
    .flatMap(parent =>
      readdirSync(parent)
        .sort()
        .filter(entry => matchesPattern(name, entry))
        .map(entry => join(parent, entry)),
    )
}

const MAX_DEPTH = 16
