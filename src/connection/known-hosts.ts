import { createHash, createHmac } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { ServerHostKeyAlgorithm } from 'ssh2'

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownKey {
  readonly marker: 'revoked' | 'cert-authority' | undefined
  readonly names: string
  readonly type: string
  /** Base64. */
  readonly key: string
  readonly file: string
  readonly line: number
}

/** What the files say about a key that a server shows. */
export type Verdict =
  | { readonly kind: 'known' }
  /** `authority`: the host is to be checked by a certificate, which is not supported. */
  | { readonly kind: 'unknown'; readonly authority: boolean }
  | { readonly kind: 'changed'; readonly known: KnownKey }
  | { readonly kind: 'revoked'; readonly known: KnownKey }

export function readKnownHosts(files: readonly string[]): KnownKey[] {
  return files.filter(file => existsSync(file)).flatMap(file => parseKnownHosts(readFileSync(file, 'utf8'), file))
}

export function parseKnownHosts(text: string, file: string): KnownKey[] {
  return text.split('\n').flatMap((raw, i) => {
    const words = raw.trim().split(/[ \t]+/)
    const marker = words[0]?.startsWith('@') ? words.shift()?.slice(1) : undefined
    const [names, type, key] = words
    if (names === undefined || names.startsWith('#') || type === undefined || key === undefined) return []
    if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return []
    return [{ marker, names, type, key, file, line: i + 1 }]
  })
}

/** `name` as `hostName` makes it; `key` is what the server shows, in SSH's wire format. */
export function judge(keys: readonly KnownKey[], name: string, key: Buffer): Verdict {
  const shown = key.toString('base64')
  const type = keyType(key)
  const own = keys.filter(known => matchesHost(known.names, name))
  const revoked = own.find(known => known.marker === 'revoked' && known.key === shown)
  if (revoked !== undefined) return { kind: 'revoked', known: revoked }
  const plain = own.filter(known => known.marker === undefined)
  if (plain.some(known => known.key === shown)) return { kind: 'known' }
  const other = plain.find(known => known.type === type)
  if (other !== undefined) return { kind: 'changed', known: other }
  return { kind: 'unknown', authority: own.some(known => known.marker === 'cert-authority') }
}

/** Whether any line names this host. */
export function knows(keys: readonly KnownKey[], name: string): boolean {
  return keys.some(known => matchesHost(known.names, name))
}

/** All signature algorithms that a server may prove itself with, those whose keys are known first: else it may show a key that nobody stored. */
export function hostKeyAlgorithms(keys: readonly KnownKey[], name: string): ServerHostKeyAlgorithm[] {
  const types = new Set(keys.filter(k => k.marker === undefined && matchesHost(k.names, name)).map(k => k.type))
  const known = ALGORITHMS.filter(algorithm => types.has(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm))
  return [...known, ...ALGORITHMS.filter(algorithm => !known.includes(algorithm))]
}

/** A host as known_hosts names it: `[host]:port` unless the port is 22. */
export function hostName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`
}

export function keyType(key: Buffer): string {
  const length = key.length < 4 ? 0 : key.readUInt32BE(0)
  return key.toString('latin1', 4, 4 + Math.min(length, 100))
}

/** As `ssh-keygen -l` shows it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

function matchesHost(names: string, name: string): boolean {
  if (names.startsWith('|1|')) return matchesHash(names, name)
  let found = false
  for (const pattern of names.split(',')) {
    const negated = pattern.startsWith('!')
    if (!matchesPattern(pattern.slice(negated ? 1 : 0), name)) continue
    if (negated) return false
    found = true
  }
  return found
}

/** `*` and `?` only, case folded (ssh_config(5), PATTERNS). */
export function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[^*?]/g, c => c.replace(/[\\^$.|+()[\]{}]/, '\\$&'))
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 'i').test(name)
}

function matchesHash(names: string, name: string): boolean {
  const [, , salt = '', hash] = names.split('|')
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
}

const ALGORITHMS: ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]
