import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { rotateDeliveryKey } from '../delivery/key.ts'
import { pusher } from '../delivery/push.ts'
import { openLine } from '../engine/line.ts'
import { MlopsError, throwAll } from '../errors.ts'
import { hostOf } from '../inventory/pattern.ts'
import { didYouMean } from '../near.ts'
import { requireProject } from '../project/load.ts'
import type { Project } from '../project/project.ts'
import { appendJournal, stateFile, statePath } from '../project/state.ts'
import { closeClusterKey, clusterKey } from '../providers/cluster-key.ts'
import { fingerprints } from '../providers/key-pair.ts'
import type { Progress } from '../providers/provider.ts'
import { rotateClusterKey } from '../providers/rotate.ts'
import type { KeysFlags } from './keys.ts'
import { onServer } from './on-server.ts'
import { connectionOpener } from './open-connection.ts'
import { showProgress } from './progress.ts'
import { openSession, projectSession, runOptions, type Session } from './session.ts'

/** Makes the cluster key where there is none, and closes one that is open to others. */
export async function initKey(flags: KeysFlags, typeGiven: boolean): Promise<void> {
  const project = requireProject(process.cwd(), flags.project)
  const file = statePath(project, 'cluster-key')
  const isNew = !existsSync(file)
  const closed = closeClusterKey(project)
  const key = clusterKey(project, project.name, flags.type)
  const wanted = flags.type?.startsWith('rsa') ? 'ssh-rsa' : 'ssh-ed25519'
  if (!isNew && typeGiven && !key.publicKey.startsWith(`${wanted} `)) {
    throw new MlopsError(
      'keys.exists',
      `${shown(file)} is there already, of another type: ${key.publicKey.split(' ')[0]}`,
      {
        hint: `mlops keys rotate --type ${flags.type ?? ''} puts another one in its place`,
      },
    )
  }
  if (flags.json)
    return print({ changed: isNew || closed, file, publicKey: key.publicKey, ...fingerprints(key.publicKey) })
  if (closed) process.stdout.write(`${shown(file)} could be read by others; now it is yours alone.\n`)
  process.stdout.write(`${shown(file)} ${isNew ? 'made' : 'is there already, and stays'}\n${key.publicKey}\n`)
}

/** Shows the cluster key and the servers that it is for. */
export async function showKey(flags: KeysFlags): Promise<void> {
  const project = requireProject(process.cwd(), flags.project)
  const file = stateFile(project, 'cluster-key')
  if (!existsSync(file)) throw noKey()
  const { publicKey } = clusterKey(project, project.name)
  const prints = fingerprints(publicKey)
  const servers = project.servers.filter(usesClusterKey).map(({ name, user }) => ({ server: name, user }))
  const others = project.servers.flatMap(({ name, user, privateKeyFile }) =>
    privateKeyFile === undefined ? [] : [{ server: name, user, privateKeyFile }],
  )
  const unfinished = ['next', 'old'].some(name => existsSync(`${file}.${name}`))
  if (flags.json) return print({ file, publicKey, ...prints, servers, others, unfinished })
  const lines = [
    `Key          ${shown(file)}`,
    `Public half  ${publicKey}`,
    `Fingerprint  ${prints.sha256}`,
    `             ${prints.md5}`,
    `Logs in to   ${servers.map(({ server, user }) => `${user}@${server}`).join(', ') || 'no server'}`,
    ...others.map(
      ({ server, user, privateKeyFile }) => `${user}@${server} has a key of its own: ${shown(privateKeyFile)}`,
    ),
    ...(unfinished ? ['A rotation was not finished: mlops keys rotate goes on with it.'] : []),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** Changes the cluster key, or the key of deliveries; gives the exit status. */
export async function rotateKey(flags: KeysFlags): Promise<number> {
  const start = Date.now()
  const { project, rotated } = flags.delivery ? await rotateDelivery(flags) : await rotateCluster(flags)
  if (rotated === 'interrupted') {
    process.stderr.write('interrupted: the key that lies here works; mlops keys rotate goes on where it stopped\n')
    return 99
  }
  const { changed, servers } = rotated
  const [from, to] = [fingerprints(rotated.from).sha256, fingerprints(rotated.to).sha256]
  const key = flags.delivery ? 'delivery' : 'cluster'
  if (changed)
    appendJournal(project, {
      at: start,
      command: 'keys',
      ms: Date.now() - start,
      exitStatus: 0,
      key,
      from,
      to,
      servers,
    })
  if (flags.json) print({ key, changed, from, to, servers })
  else if (changed) process.stdout.write(`The key is another one now: ${to} (before: ${from})\n`)
  else
    process.stdout.write(
      `The new key works on ${servers.join(', ')}; mlops keys rotate puts it in the place of the old one.\n`,
    )
  return 0
}

interface Outcome {
  readonly project: Project
  readonly rotated:
    | { readonly from: string; readonly to: string; readonly changed: boolean; readonly servers: readonly string[] }
    | 'interrupted'
}

function noKey(): MlopsError {
  return new MlopsError('keys.none', 'this project has no key yet', { hint: 'mlops keys init makes it' })
}

async function rotateCluster(flags: KeysFlags): Promise<Outcome> {
  const project = requireProject(process.cwd(), flags.project)
  if (!existsSync(stateFile(project, 'cluster-key'))) throw noKey()
  const session = openSession(flags, undefined, { project, inventoryNeeded: false })
  const servers = project.servers
    .filter(usesClusterKey)
    .map(({ name }) => name)
    .filter(name => hostOf(session.inventory, name) !== undefined)
  const only = flags.server
  if (only) throwAll(only.filter(name => !servers.includes(name)).map(name => noServer(name, servers)))
  const rotated = await showProgress('Keys', { quiet: flags.json === true }, progress =>
    rotateClusterKey(
      project,
      { servers, only, type: flags.type },
      { ...progress, open: opener(flags, session, progress) },
    ),
  )
  return { project, rotated: rotated === 'interrupted' ? rotated : { ...rotated, servers: only ?? servers } }
}

/** Logs in as a play would, but with one key alone. */
function opener(flags: KeysFlags, session: Session, { signal }: Progress) {
  return async (server: string, privateKeyFile: string) => {
    // a new one each time: it remembers the keys that it has read, and they change
    const open = connectionOpener(message => process.stderr.write(`[WARNING]: ${message}\n`))
    return openLine(server, {
      inventory: session.inventory,
      options: runOptions(flags, session),
      open: (target, stop) => open({ ...target, privateKeyFile, onlyPrivateKey: true }, stop),
      signal,
    })
  }
}

async function rotateDelivery(flags: KeysFlags): Promise<Outcome> {
  const { project } = projectSession(flags)
  const servers = [pusher(project), project.delivery.to]
  const rotated = await showProgress('Keys', { quiet: flags.json === true }, ({ onStep }) =>
    onServer(flags, pusher, from =>
      onServer(
        flags,
        ({ delivery }) => delivery.to,
        to => rotateDeliveryKey({ from, to }, project, onStep),
      ),
    ),
  )
  return { project, rotated: rotated === 'interrupted' ? rotated : { ...rotated, changed: true, servers } }
}

function usesClusterKey({ provider, privateKeyFile }: Project['servers'][number]): boolean {
  return provider !== 'static' && privateKeyFile === undefined
}

function noServer(name: string, servers: readonly string[]): MlopsError {
  const hint =
    didYouMean(name, servers) ??
    (servers.length > 0 ? `there are ${servers.join(', ')}` : 'mlops provision makes servers')
  return new MlopsError('keys.no-server', `no server ${name} lets the key of this project in`, { hint })
}

function shown(file: string): string {
  return relative(process.cwd(), file)
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}
