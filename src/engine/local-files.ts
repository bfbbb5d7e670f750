import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { type LocalFile, ModuleFailure } from '../modules/module.ts'
import type { Play, Role } from '../playbook/types.ts'
import { readSecret } from '../vault/keyring.ts'
import { digestOf, reading } from './file-digest.ts'

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
  const searched: string[] = []
  for (const folder of isAbsolute(path) ? [''] : folders) {
    const candidate = folder === '' ? path : resolve(folder, path)
    if (reading(() => statSync(candidate, { throwIfNoEntry: false }))) return candidate
    searched.push(candidate)
  }
  throw new ModuleFailure(`Could not find or access '${src}' on the controller. Searched: ${searched.join(', ')}`)
}

/** The permission bits of a file. */
export function modeOf(file: string): number {
  return statSync(file).mode & 0o7777
}

export interface ReadOptions {
  readonly followLinks?: boolean | undefined
  /** False: an encrypted file stays as it is. */
  readonly decrypt?: boolean | undefined
}

/** The file at `source`, or everything below it when it is a folder; links as links unless they are followed. */
export function readTree(
  source: string,
  { followLinks = false, decrypt = true }: ReadOptions = {},
): { root: 'file' | 'directory'; entries: LocalFile[] } {
  return reading(() =>
    statSync(source).isDirectory()
      ? { root: 'directory', entries: below(source, '', { followLinks, decrypt }) }
      : { root: 'file', entries: [describe(source, '', { followLinks: true, decrypt })] },
  )
}

function below(folder: string, prefix: string, options: ReadOptions): LocalFile[] {
  return readdirSync(folder)
    .sort()
    .flatMap(name => {
      const entry = describe(join(folder, name), prefix + name, options)
      return entry.kind === 'directory' ? [entry, ...below(entry.file, `${prefix}${name}/`, options)] : [entry]
    })
}

function describe(file: string, path: string, { followLinks, decrypt }: ReadOptions): LocalFile {
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
  const status = statSync(file)
  const mode = status.mode & 0o7777
  if (status.isDirectory())
    return { path, file, kind: 'directory', mode, sizeBytes: status.size, sha1: '', read: () => readFileSync(file) }
  const digest = digestOf(file, status)
  if (digest.isEncrypted && decrypt) return { path, file, kind: 'file', mode, ...decrypted(file) }
  return {
    path,
    file,
    kind: 'file',
    mode,
    sizeBytes: status.size,
    get sha1() {
      return digest.sha1
    },
    read: () => readFileSync(file),
  }
}

/** An encrypted file as it goes to the host. */
function decrypted(file: string): Pick<LocalFile, 'sizeBytes' | 'sha1' | 'read' | 'decrypted'> {
  const content = readSecret(file)
  const sha1 = createHash('sha1').update(content).digest('hex')
  return { sizeBytes: content.length, sha1, read: () => content, decrypted: true }
}
