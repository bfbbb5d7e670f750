import { createHash } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { MlopsError } from '../errors.ts'
import { readState, type StateOwner, statePath, unwritable, writeState, writeStateText } from '../project/state.ts'
import { bareKey } from '../shell/authorized-keys.ts'
import { type KeyPair, type KeyType, makeKeyPair, publicHalf } from './key-pair.ts'

/** A key to log in with: where its private half lies, and its public half as one line. */
export interface LoginKey {
  readonly privateKeyFile: string
  readonly publicKey: string
  /** Digests of the keys whose place it took: servers that were made with those know it. */
  readonly former?: readonly string[]
}

/** The project's own key (`.mlops/cluster-key`), made at the first call and never overwritten. Throws `key.open`. */
export function clusterKey(project: StateOwner, name: string, type?: KeyType): LoginKey {
  const file = statePath(project, 'cluster-key')
  if (!existsSync(file)) {
    const pair = makeKeyPair(`mlops-${name}`, type)
    place(file, pair.privateKey)
    writeStateText(project, 'cluster-key.pub', `${pair.publicKey}\n`)
  }
  if (isOpen(file)) {
    throw new MlopsError('key.open', `others on this machine may read ${file}`, {
      hint: 'mlops keys init makes it yours alone; if somebody did read it, mlops keys rotate replaces it',
    })
  }
  mendPublicHalf(project, file)
  const key = loginKey(file)
  return { ...key, former: formerDigests(project, key.publicKey) }
}

/** Makes the cluster key readable for its owner alone; false when it was so already. */
export function closeClusterKey(project: StateOwner): boolean {
  const file = statePath(project, 'cluster-key')
  if (!existsSync(file) || !isOpen(file)) return false
  chmodSync(file, 0o600)
  return true
}

/** The key of a private key file: its public half stands beside it (`.pub`) or inside. Throws `key.unreadable`. */
export function loginKey(privateKeyFile: string): LoginKey {
  const publicKey = readPublic(privateKeyFile)
  if (publicKey === undefined) {
    throw new MlopsError('key.unreadable', `the public half of ${privateKeyFile} cannot be read`, {
      hint: `ssh-keygen -y -f ${privateKeyFile} > ${privateKeyFile}.pub`,
    })
  }
  return { privateKeyFile, publicKey }
}

/** Digest of a public key without its comment, as servers are marked with it. */
export function keyDigest(publicKey: string): string {
  return createHash('sha256').update(bareKey(publicKey)).digest('hex').slice(0, 16)
}

/** Whether a server that is marked with this digest lets this key in: it was made with it, or with one before it. */
export function isMadeWith(key: LoginKey, digest: string | undefined): boolean {
  return digest === keyDigest(key.publicKey) || (digest !== undefined && key.former?.includes(digest) === true)
}

/** Remembers that a key has taken the place of another one on all servers, and of those before it. */
export function rememberFormer(
  project: StateOwner,
  { from, to }: { readonly from: string; readonly to: string },
): void {
  const former = new Set([...formerDigests(project, from), ...formerDigests(project, to), keyDigest(from)])
  writeState(project, FORMER, { key: keyDigest(to), former: [...former] })
}

/** The host key of a server that we make; kept, so that a server that is made again is known at once. */
export function hostKey(project: StateOwner, server: string): KeyPair {
  const file = statePath(project, 'host-keys', server)
  if (!existsSync(file)) {
    place(file, makeKeyPair(`root@${server}`).privateKey)
  }
  const privateKey = readFileSync(file, 'utf8')
  const publicKey = publicHalf(privateKey)
  if (publicKey === undefined) {
    throw new MlopsError('key.unreadable', `${file} holds no key in OpenSSH's format`, {
      hint: 'remove this file, destroy the server, and provision again',
    })
  }
  return { privateKey, publicKey }
}

const FORMER = 'former-keys.json'

/** Of the keys before this one; a key that was made after all was lost has none. */
function formerDigests(project: StateOwner, publicKey: string): string[] {
  const value = readState(project, FORMER)
  if (typeof value !== 'object' || value === null || !('key' in value) || !('former' in value)) return []
  if (value.key !== keyDigest(publicKey) || !Array.isArray(value.former)) return []
  return value.former.filter(digest => typeof digest === 'string')
}

/** Writes a private key where there is none: whole or not at all. */
function place(file: string, privateKey: string): void {
  try {
    writeFileSync(file, privateKey, { mode: 0o600, flag: 'wx', flush: true })
  } catch (cause) {
    if (Object(cause).code !== 'EEXIST') rmSync(file, { force: true })
    throw unwritable(file, cause)
  }
}

function isOpen(file: string): boolean {
  return (statSync(file).mode & 0o077) !== 0
}

function readPublic(privateKeyFile: string): string | undefined {
  if (existsSync(`${privateKeyFile}.pub`)) return readFileSync(`${privateKeyFile}.pub`, 'utf8').trim()
  if (!existsSync(privateKeyFile)) return undefined
  return publicHalf(readFileSync(privateKeyFile, 'utf8'))
}

/** A crash between the renames of both halves leaves that of another key. */
function mendPublicHalf(project: StateOwner, file: string): void {
  const inside = publicHalf(readFileSync(file, 'utf8'))
  const beside = readPublic(file)
  if (inside === undefined || beside === undefined || bareKey(beside) === inside) return
  const [comment = ''] = beside.split(/\s+/).slice(2)
  writeStateText(project, 'cluster-key.pub', `${`${inside} ${comment}`.trim()}\n`)
}
