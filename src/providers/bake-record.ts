import { createHash, type Hash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { Project, ServerSpec } from '../project/project.ts'
import { readState, writeState } from '../project/state.ts'
import { KEY_PLACEHOLDER, userData } from './user-data.ts'

/** What an image was made of, beside the project file and the image that it began with. */
export interface BakeRecord {
  /** Relative to the project's folder, as all paths here. */
  readonly playbook: string
  /** What the play read of this machine: files, and folders with all that is in them. */
  readonly files: readonly string[]
  /** Digest of what the command line gave: variables, tags. */
  readonly options: string
}

const FILE = 'baked.json'

/** What the last image of each server was made of. */
export function readBakeRecords(project: Project): ReadonlyMap<string, BakeRecord> {
  const value = readState(project, FILE)
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return new Map(entries.filter((entry): entry is [string, BakeRecord] => isRecord(entry[1])))
}

/** Remembers what images were made of, beside those of other servers. */
export function rememberBake(project: Project, servers: readonly string[], record: BakeRecord): void {
  const all = new Map([...readBakeRecords(project), ...servers.map(server => [server, record] as const)])
  writeState(project, FILE, Object.fromEntries(all))
}

/** The record of a play: what it read, and where people may put variables beside it, whether there are any or not. */
export function bakeRecord(
  project: Project,
  { playbook, read, options }: { playbook: string; read: Iterable<string>; options: unknown },
): BakeRecord {
  const file = resolve(playbook)
  const beside = ['group_vars', 'host_vars'].map(name => join(file, '..', name))
  const paths = [...read, ...beside].map(path => relative(project.directory, resolve(path)))
  return {
    playbook: relative(project.directory, file),
    files: [...new Set(paths)].sort(),
    options: createHash('sha256').update(JSON.stringify(options)).digest('hex'),
  }
}

/** The name of a server's image, with a digest of all that it is made of as it is now. */
export function imageName(project: Project, spec: ServerSpec, record: BakeRecord, base: string): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([base, madeOf(project, spec), record.playbook, record.options]))
  for (const path of record.files) {
    hash.update(`\0${path}\0`)
    addPath(hash, resolve(project.directory, path))
  }
  return `${project.name}-${spec.name}-${hash.digest('hex').slice(0, 12)}`
}

/** The parts of mlops.yml that a play sees of a server. */
function madeOf(project: Project, spec: ServerSpec): unknown {
  const { user, groups, vars } = spec
  const services = project.services.map(({ at: _, ...service }) => service)
  // the key is another one for each project, and none is in an image
  const data = userData(spec, KEY_PLACEHOLDER)
  return [project.vars, project.app, project.delivery, services, user, groups, vars, data]
}

function addPath(hash: Hash, path: string): void {
  const status = lstatSync(path, { throwIfNoEntry: false })
  if (status === undefined) hash.update('absent')
  else if (status.isSymbolicLink()) hash.update(`link ${readlinkSync(path)}`)
  else if (!status.isDirectory()) hash.update(`file ${status.mode & 0o777} ${status.size}\0`).update(readFileSync(path))
  else
    for (const name of readdirSync(path).sort()) {
      hash.update(`\0${name}\0`)
      addPath(hash, join(path, name))
    }
}

function isRecord(value: unknown): value is BakeRecord {
  return typeof value === 'object' && value !== null && 'playbook' in value && 'files' in value && 'options' in value
}
