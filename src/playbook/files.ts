import { readdirSync, type Stats, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Context } from './session.ts'

export function isFile(path: string): boolean {
  return status(path)?.isFile() ?? false
}

export function isFolder(path: string): boolean {
  return status(path)?.isDirectory() ?? false
}

/** Undefined where nothing is, also below what is no folder. */
function status(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

/** Where a task file is looked for, in order. */
export function taskFolders({ directory, role, play }: Pick<Context, 'directory' | 'role' | 'play'>): string[] {
  const folders = [
    directory,
    ...(role ? [join(role.path, 'tasks'), role.path] : []),
    play.directory,
    join(play.directory, 'tasks'),
  ]
  return [...new Set(folders)]
}

/** The absolute path of a task file, or undefined. */
export function findTaskFile(name: string, context: Pick<Context, 'directory' | 'role' | 'play'>): string | undefined {
  return taskFolders(context)
    .map(folder => resolve(folder, name))
    .find(isFile)
}

/** The folder of a role, or undefined: near the playbook, on the roles path, beside the role that asks, or given as a path. */
export function findRole(name: string, context: Context): string | undefined {
  const [, namespace, collection, role] = ofCollection.exec(name) ?? []
  const collections = namespace === undefined ? [] : collectionFolders(context)
  return [
    ...roleFolders(context).map(folder => resolve(folder, name)),
    ...collections.map(folder =>
      join(folder, 'ansible_collections', `${namespace}/${collection}/roles`, ...(role ?? '').split('.')),
    ),
  ].find(isFolder)
}

/** `namespace.collection.role`, the role perhaps in folders of its own. */
const ofCollection = /^(\w+)\.(\w+)\.(\w+(?:\.\w+)*)$/

function collectionFolders({ play, session }: Context): string[] {
  return [...new Set([join(play.directory, 'collections'), resolve('collections'), ...session.collectionsPath])]
}

export function roleFolders({ play, role, session }: Context): string[] {
  const folders = [
    join(play.directory, 'roles'),
    resolve('roles'),
    ...session.rolesPath,
    ...(role ? [dirname(role.path)] : []),
    play.directory,
  ]
  return [...new Set(folders)]
}

/** Names of the roles that there are, for "did you mean". */
export function roleNames(context: Context): string[] {
  return roleFolders(context)
    .filter(isFolder)
    .flatMap(folder => readdirSync(folder).filter(name => isFolder(join(folder, name, 'tasks'))))
}

/** `main` of a role's folder: the file (any of YAML's endings, or JSON), or all files of a folder of that name, sorted. */
export function roleFiles(folder: string, name: string): string[] {
  const base = join(folder, name)
  const file = [base, `${base}.yml`, `${base}.yaml`, `${base}.json`].find(isFile)
  if (file !== undefined) return [file]
  return isFolder(base) ? filesBelow(base) : []
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => !entry.name.startsWith('.') && !entry.name.endsWith('~'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const path = join(folder, entry.name)
      return isFolder(path) ? filesBelow(path) : /\.(?:ya?ml|json)$|^[^.]+$/.test(entry.name) ? [path] : []
    })
}
