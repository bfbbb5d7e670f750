import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import type { Connection } from '../connection/connection.ts'
import { ConnectionError } from '../connection/connection.ts'
import { MlopsError, throwAll } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { statePath, writeStateText } from '../project/state.ts'
import { addKey, removeKey } from '../shell/authorized-keys.ts'
import { clusterKey, loginKey, rememberFormer } from './cluster-key.ts'
import { type KeyType, makeKeyPair } from './key-pair.ts'
import type { Progress } from './provider.ts'

export interface Rotation {
  /** All servers that are there and let the cluster key in. */
  readonly servers: readonly string[]
  /** Of these, those that the new key is tried on, and nothing more; undefined: all, and the key is changed. */
  readonly only?: readonly string[] | undefined
  readonly type?: KeyType | undefined
}

/** What rotating needs beside a listener. */
export interface Reach extends Progress {
  /** Logs in to a server with that key alone. */
  readonly open: (server: string, privateKeyFile: string) => Promise<OpenLine>
}

export interface OpenLine {
  readonly connection: Connection
  close(): Promise<void>
}

export interface Rotated {
  /** Public keys. */
  readonly from: string
  readonly to: string
  /** False: the new key was tried, the old one is still in force. */
  readonly changed: boolean
}

/**
 * Puts a new cluster key in the place of the old one. Each step can be done again: all servers take the new key beside the old one and prove
 * it; then the files here change; then the old key goes. Whatever stops it in between, the key that lies here works on every server.
 * Throws `keys.unreachable`, `keys.unproven`, `keys.unfinished`.
 */
export async function rotateClusterKey(project: Project, rotation: Rotation, reach: Reach): Promise<Rotated> {
  const current = clusterKey(project, project.name)
  const old = statePath(project, OLD)
  const next = statePath(project, NEXT)
  if (!existsSync(old) || existsSync(next)) {
    if (!existsSync(next)) makeNext(project, rotation.type)
    const to = loginKey(next).publicKey
    const asked = rotation.only ?? rotation.servers
    await onEach(asked, server => admit(server, { current, next: { privateKeyFile: next, publicKey: to } }, reach))
    if (rotation.only !== undefined) return { from: current.publicKey, to, changed: false }
    change(current.privateKeyFile, { old, next })
    reach.onStep('the new key is in force here')
  }
  const { publicKey: from } = loginKey(old)
  const { publicKey: to } = clusterKey(project, project.name)
  rememberFormer(project, { from, to })
  await onEach(rotation.servers, server => expel(server, { project, old, from }, reach))
  for (const file of [old, `${old}.pub`, `${next}.pub`]) rmSync(file, { force: true })
  return { from, to, changed: true }
}

const NEXT = 'cluster-key.next'
const OLD = 'cluster-key.old'

function makeNext(project: Project, type: KeyType | undefined): void {
  const pair = makeKeyPair(`mlops-${project.name}`, type)
  // the private half comes last: when it is there, both are
  writeStateText(project, `${NEXT}.pub`, `${pair.publicKey}\n`)
  writeStateText(project, NEXT, pair.privateKey)
}

interface Keys {
  readonly current: { readonly privateKeyFile: string; readonly publicKey: string }
  readonly next: { readonly privateKeyFile: string; readonly publicKey: string }
}

async function admit(server: string, { current, next }: Keys, reach: Reach): Promise<void> {
  await over(server, current.privateKeyFile, reach, async connection => {
    await must(connection, server, addKey({ like: current.publicKey, publicKey: next.publicKey }))
  }).catch(error => {
    const hint = 'nothing was lost: the old key works everywhere; run it again when the server answers'
    throw lineError('keys.unreachable', error, hint)
  })
  await over(server, next.privateKeyFile, reach, async () => {}).catch(error => {
    const hint = `nothing was lost: the old key still works everywhere; see AuthorizedKeysFile in sshd_config of ${server}`
    throw lineError('keys.unproven', error, hint)
  })
  reach.onStep(`${server} lets the new key in`)
}

/** The old half stays under another name until no server takes it any more. */
function change(file: string, { old, next }: { readonly old: string; readonly next: string }): void {
  copyFileSync(`${file}.pub`, `${old}.pub`)
  copyFileSync(file, old)
  // the public half is mended from the private one when this is where it stops
  renameSync(next, file)
  renameSync(`${next}.pub`, `${file}.pub`)
}

async function expel(
  server: string,
  { project, old, from }: { readonly project: Project; readonly old: string; readonly from: string },
  reach: Reach,
): Promise<void> {
  await over(server, statePath(project, 'cluster-key'), reach, async connection => {
    await must(connection, server, removeKey(from))
  }).catch(error => {
    const hint = 'the new key is in force everywhere; mlops keys rotate takes the old one away when the server answers'
    throw lineError('keys.unfinished', error, hint)
  })
  const stillIn = await over(server, old, reach, async () => true).catch(() => false)
  if (stillIn)
    reach.onWarning(`${server} still lets the old key in: it knows it from elsewhere than ~/.ssh/authorized_keys`)
  else reach.onStep(`${server} does not let the old key in any more`)
}

async function over<T>(
  server: string,
  key: string,
  { open }: Reach,
  work: (line: Connection) => Promise<T>,
): Promise<T> {
  const line = await open(server, key)
  try {
    return await work(line.connection)
  } finally {
    await line.close()
  }
}

async function must(connection: Connection, server: string, script: ReturnType<typeof addKey>): Promise<void> {
  const [result] = await connection.run([{ script }])
  if (result?.status !== 0) {
    throw new MlopsError('keys.file', `authorized_keys of ${server} cannot be changed: ${result?.stderr.trim() ?? ''}`)
  }
}

/** Works on all of them, and then throws everything that went wrong. */
async function onEach(servers: readonly string[], work: (server: string) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(servers.map(work))
  throwAll(
    results.flatMap(result => {
      if (result.status === 'fulfilled') return []
      if (result.reason instanceof MlopsError) return [result.reason]
      throw result.reason
    }),
  )
}

function lineError(code: string, cause: unknown, hint: string): unknown {
  if (!(cause instanceof ConnectionError) || cause.kind === 'interrupted') return cause
  return new MlopsError(code, cause.message, { cause, hint })
}
