import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { type LocalFile, ModuleFailure } from '../modules/module.ts'
import type { Play, Role } from '../playbook/types.ts'

/** Where Ansible looks for a file of a task: the role's folder, its task folder, then the play's, each with and without `files/` or `templates/`. */
export function searchFolders(
  step: { readonly role?: Role; readonly directory: string },
  play: Play,
  kind: 'files' | 'templates' | 'vars' | 'tasks',
): string[] {
  const folders: string[] = []
  for (let role: Role | undefined = step.role; role; role = role.parent) folders.push(join(role.path, kind), role.path)
  folders.push(join(step.directory, kind), step.directory, join(play.directory, kind), play.directory)
  return [...new Set(folders)]
}

/** The first place where `src` exists. Throws `ModuleFailure` naming where it was looked for. */
export function find(src: string, folders: readonly string[], homeDirectory = process.env['HOME'] ?? '/root'): string {
  const path = src.startsWith('~/') ? join(homeDirectory, src.slice(2)) : src
  const candidates = isAbsolute(path) ? [path] : folders.map(folder => resolve(folder, path))
  for (const candidate of candidates) if (statSync(candidate, { throwIfNoEntry: false })) return candidate
  throw new ModuleFailure(`Could not find or access '${src}' on the controller. Searched: ${candidates.join(', ')}`)
}

/** The file at `source`, or everything below it when it is a folder; links as links unless they are followed. */
export function readTree(source: string, followLinks = false): { root: 'file' | 'directory'; entries: LocalFile[] } {
  if (!statSync(source).isDirectory()) return { root: 'file', entries: [describe(source, '', true)] }
  const entries: LocalFile[] = []
  const walk = (folder: string, prefix: string) => {
    for (const name of readdirSync(folder).sort()) {
      const entry = describe(join(folder, name), prefix + name, followLinks)
      entries.push(entry)
      if (entry.kind === 'directory') walk(join(folder, name), `${prefix}${name}/`)
    }
  }
  walk(source, '')
  return { root: 'directory', entries }
}

const digests = new Map<string, { stamp: string; sha1: string }>()

function describe(file: string, path: string, followLinks: boolean): LocalFile {
  const link = followLinks ? undefined : lstatSync(file)
  if (link?.isSymbolicLink()) {
    const target = readlinkSync(file)
    return {
      path,
      file,
      kind: 'link',
      mode: 0o777,
      sizeBytes: target.length,
      sha1: target,
      read: () => Buffer.from(target),
    }
  }
  const { mode, size, mtimeMs, ino } = statSync(file)
  const kind = statSync(file).isDirectory() ? 'directory' : 'file'
  const read = () => readFileSync(file)
  return {
    path,
    file,
    kind,
    mode: mode & 0o7777,
    sizeBytes: size,
    sha1: kind === 'file' ? sha1(file, `${ino} ${size} ${mtimeMs}`) : '',
    read,
  }
}

/** A file is hashed once a run for all hosts, as long as it stays the same. */
function sha1(file: string, stamp: string): string {
  const known = digests.get(file)
  if (known?.stamp === stamp) return known.sha1
  const digest = createHash('sha1').update(readFileSync(file)).digest('hex')
  digests.set(file, { stamp, sha1: digest })
  return digest
}
