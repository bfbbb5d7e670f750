import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MlopsError } from '../errors.ts'
import { type GitOptions, git, gitText } from './git.ts'

/** Lists what we wrote into a folder, so that the next time takes away what is no more. */
export const listFile = '.mlops-rendered'

/** Files by their name, seen from the folder. */
export type Files = ReadonlyMap<string, string>

/** The folder as it is in a commit. */
export interface Folder {
  /** Those of our list. */
  readonly ours: Files
  /** Names of all others in it. */
  readonly others: ReadonlySet<string>
}

/** Reads a folder of a commit; `undefined`: the repository is empty. Throws `publish.path`. */
export async function readFolder(commit: string | undefined, path: string, options: GitOptions): Promise<Folder> {
  if (commit === undefined) return { ours: new Map(), others: new Set() }
  await checkParents(commit, path, options)
  const prefix = prefixOf(path)
  const listed = await gitText(
    ['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...(prefix ? [prefix] : [])],
    options,
  )
  const blobs = new Map(
    [...listed.matchAll(/(\d+) (\w+) ([0-9a-f]+)\t([^\0]+)\0/g)].map(([, , , id = '', name = '']) => [
      name.slice(prefix.length),
      id,
    ]),
  )
  const list = blobs.get(listFile)
  const names = list === undefined ? [] : (await gitText(['cat-file', 'blob', list], options)).split('\n')
  const ours = new Map<string, string>()
  for (const name of [listFile, ...names]) {
    const id = blobs.get(name)
    if (id === undefined) continue
    blobs.delete(name)
    if (name !== listFile) ours.set(name, await gitText(['cat-file', 'blob', id], options))
  }
  return { ours, others: new Set(blobs.keys()) }
}

/**
 * Makes a commit in which the folder has these files, and none of an earlier list; `undefined`: nothing differs.
 * The index is a file of its own: there is no checkout.
 */
export async function commitFolder(
  parent: string | undefined,
  path: string,
  { before, files, message }: { readonly before: Folder; readonly files: Files; readonly message: string },
  options: GitOptions,
): Promise<string | undefined> {
  checkOthers(path, before, files)
  const prefix = prefixOf(path)
  const all = new Map([...files, [listFile, `${[...files.keys()].join('\n')}\n`]])
  const gone = [...before.ours.keys()].filter(name => !all.has(name))
  const index = { ...options, env: { ...options.env, GIT_INDEX_FILE: join(options.folder, 'index') } }
  await gitText(['read-tree', ...(parent === undefined ? ['--empty'] : [parent])], index)
  const ids = await store(all, options)
  const lines = [
    ...gone.map(name => `0 ${'0'.repeat(40)}\t${prefix}${name}\0`),
    ...[...all.keys()].map((name, i) => `100644 ${ids[i]}\t${prefix}${name}\0`),
  ]
  await gitText(['update-index', '-z', '--index-info'], { ...index, input: lines.join('') })
  const tree = (await gitText(['write-tree'], index)).trim()
  if (parent !== undefined && (await gitText(['rev-parse', `${parent}^{tree}`], options)).trim() === tree)
    return undefined
  const signs = (await git(['config', '--type=bool', 'commit.gpgSign'], options)).stdout.trim() === 'true'
  const words = [...(parent === undefined ? [] : ['-p', parent]), ...(signs ? ['-S'] : [])]
  return (await gitText(['commit-tree', tree, ...words, '-F', '-'], { ...options, input: message })).trim()
}

function prefixOf(path: string): string {
  return path === '.' ? '' : `${path.replace(/\/+$/, '')}/`
}

/** What leads to the folder has to be folders: not a link that points elsewhere, nor a file. */
async function checkParents(commit: string, path: string, options: GitOptions): Promise<void> {
  const parts = prefixOf(path).split('/').slice(0, -1)
  for (const i of parts.keys()) {
    const parent = parts.slice(0, i + 1).join('/')
    const found = await gitText(['ls-tree', '--full-tree', commit, '--', parent], options)
    if (found === '' || / tree /.test(found)) continue
    throw new MlopsError('publish.path', `${parent} is no folder in the repository`, {
      hint: '--path names another one',
    })
  }
}

/** Nothing is written over that somebody else wrote. */
function checkOthers(path: string, { others }: Folder, files: Files): void {
  const strange = [...files.keys()].find(
    name => others.has(name) || [...others].some(other => other.startsWith(`${name}/`) || name.startsWith(`${other}/`)),
  )
  if (strange !== undefined) {
    throw new MlopsError('publish.strange', `${prefixOf(path)}${strange} is in the repository, and was not published`, {
      hint: 'take it away there, or --path names another folder',
    })
  }
  if (others.has('mlops.yml')) {
    throw new MlopsError('publish.path', `mlops.yml lies in the same folder, and would be read as a manifest`, {
      hint: '--path names a folder of its own, such as deploy',
    })
  }
}

/** Puts texts into the repository as they are; gives their ids in the same order. */
async function store(files: Files, options: GitOptions): Promise<readonly string[]> {
  const folder = join(options.folder, 'texts')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const paths = [...files.values()].map((text, i) => {
    const path = join(folder, String(i))
    writeFileSync(path, text)
    return path
  })
  const input = paths.map(path => `${path}\n`).join('')
  return (await gitText(['hash-object', '-w', '--no-filters', '--stdin-paths'], { ...options, input }))
    .trim()
    .split('\n')
}
