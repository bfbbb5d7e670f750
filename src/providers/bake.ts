import { type Connection, ConnectionError } from '../connection/connection.ts'
import { MlopsError } from '../errors.ts'
import { type Project, type ServerSpec, serverOf } from '../project/project.ts'
import { statePath } from '../project/state.ts'
import { type BakeRecord, imageName, rememberBake } from './bake-record.ts'
import { removeOutdated } from './baked.ts'
import { cleanIdentity } from './clean-identity.ts'
import type { Server, Work } from './provider.ts'
import { serverImages } from './provision.ts'

/** Servers that were made and played in a project beside the user's, and what that play was. */
export interface Played {
  /** Whose servers they are (`projectBeside`). */
  readonly beside: Project
  readonly servers: readonly Server[]
  readonly record: BakeRecord
}

/** Takes from each server what makes it that one, and makes the images of `project` of them. Gives their names by server. */
export async function bake(
  project: Project,
  { beside, servers, record }: Played,
  work: Work,
): Promise<Map<string, string>> {
  const images = serverImages(project)
  const savers = serverImages(beside)
  const made = new Map<string, string>()
  for (const server of servers) {
    const spec = serverOf(project, server.name)
    const own = images.get(server.name)
    if (spec === undefined || own === undefined) continue
    const name = imageName(project, spec, record, await own.base(server.name))
    await clean(beside, server, work)
    await savers.get(server.name)?.save(server.name, { name, owner: project }, work)
    rememberBake(project, [server.name], record)
    await removeOutdated(project, server.name, { images: own, current: name, progress: work })
    made.set(server.name, name)
  }
  return made
}

/** The servers of a project of which images can be made. Throws `bake.no-images` when a server that is named is none of them. */
export function bakeable(project: Project, names: readonly string[]): ServerSpec[] {
  const images = serverImages(project)
  const wanted = names.length === 0 ? project.servers : project.servers.filter(({ name }) => names.includes(name))
  const able = wanted.filter(({ name }) => images.has(name))
  const unable = wanted.filter(({ name }) => !images.has(name))
  if (able.length > 0 && (names.length === 0 || unable.length === 0)) return able
  const [first] = unable
  throw new MlopsError(
    'bake.no-images',
    `provider ${first?.provider ?? ''} makes no images: ${first?.name ?? ''} cannot be baked`,
    {
      at: first?.at,
      hint: 'bake servers that mlops provision makes',
    },
  )
}

async function clean(beside: Project, server: Server, { open, onStep, signal }: Work): Promise<void> {
  const connection = await open(
    {
      ...{ host: server.name, type: 'ssh', address: server.address, port: server.port, user: server.user },
      ...{ privateKeyFile: server.privateKeyFile, hostKeyChecking: true, connectTimeoutMs: 10_000 },
      knownHostsFiles: [statePath(beside, 'known_hosts')],
    },
    signal,
  )
  try {
    await cleanOver(connection, server, signal)
  } finally {
    await connection.close()
  }
  onStep(`${server.name} has no identity any more`)
}

async function cleanOver(
  connection: Connection,
  { name, user }: Server,
  signal: AbortSignal | undefined,
): Promise<void> {
  const become = user === 'root' ? undefined : { method: 'sudo' as const, user: 'root' }
  try {
    const [result] = await connection.run([{ script: cleanIdentity, become, timeoutMs: 300_000 }], signal)
    if (result?.status === 0) return
    throw new MlopsError('bake.clean', `${name} could not be cleaned: ${result?.stderr.trim() ?? ''}`)
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    throw new MlopsError('bake.clean', `${name} went away while it was cleaned: ${error.message}`, { cause: error })
  }
}
