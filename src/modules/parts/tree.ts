import type { ScriptResult, Upload } from '../../connection/connection.ts'
import { lines, type Script, script, sh } from '../../shell/sh.ts'
import { type Change, type LocalFile, ModuleFailure } from '../module.ts'
import { AttributeGroups, BATCH, batches, orExit } from './attribute-groups.ts'
import {
  type AttributeArgs,
  type Attributes,
  type Loose,
  parseStat,
  setAttributes,
  statFormat,
  type WantedAttributes,
  wantedAttributes,
} from './attributes.ts'
import { ancestor, digestFunction, pathInto, sha1Of } from './file-look.ts'
import { octal } from './mode.ts'
import { backupScript, newFileMode } from './placement.ts'

/** One entry of a tree on the host. `content` is the SHA-1 of a file, or the target of a link. */
export type TreeEntry = Partial<Attributes> & { readonly content?: string }

/** A tree on the host, by paths relative to `path`. Entries that are missing are left out. */
export type TreeState = {
  readonly path: string
  readonly kind: 'tree'
  readonly umask: number
  /** How many of the folders down to `path` are missing; 0 when `path` itself is there. */
  readonly missing: number
  readonly entries: { readonly [path: string]: TreeEntry }
}

export interface TreeArgs extends AttributeArgs {
  readonly directory_mode?: unknown
  readonly force: boolean
  readonly backup: boolean
}

/**
 * Looks at every entry of a tree that goes to `dest`. For each entry one letter says what it is (`u`: a file that cannot be read), then
 * come the answers of `stat`, `readlink` and `sha1sum` in the same order, each tool run once for many entries.
 */
export function lookAtTree(dest: string, inFolder: string, entries: readonly LocalFile[]): Script {
  const batches: Script[] = []
  for (let at = 0; at < entries.length; at += BATCH) {
    const names = entries.slice(at, at + BATCH).map(({ path, kind }) => `./${path}${kind === 'directory' ? '/' : ''}`)
    batches.push(sh`set --
for f in ${names}; do
  # a link to a folder is as good as the folder
  case $f in */) [ -d "$f" ] || f=${script(`\${f%/}`)} ;; esac
  if [ -L "$f" ]; then printf l; set -- "$@" "$f"
  elif [ -f "$f" ]; then if [ -r "$f" ]; then printf f; else printf u; fi; set -- "$@" "$f"
  elif [ -e "$f" ]; then printf d; set -- "$@" "$f"
  else printf -- -; fi
done
echo
[ $# -eq 0 ] || stat -c ${statFormat} -- "$@" || exit
for f in "$@"; do
  shift
  if [ -L "$f" ]; then readlink -- "$f" | ${encode}
  elif [ -f "$f" ] && [ -r "$f" ]; then set -- "$@" "$f"; fi
done
[ $# -eq 0 ] || ${script(names.some(isOdd) ? 'digest_each' : 'digest_all')} "$@" || exit`)
  }
  return lines(
    digestFunction,
    digestFunctions,
    pathInto('p', dest),
    inFolder !== '' && sh`p=${script(`\${p%/}`)}/${inFolder}`,
    sh`umask
printf %s "$p" | ${encode}
n=0; a=$p
while ! [ -d "$a/" ]; do n=$((n + 1)); a=${script(`\${a%/*}`)}; done
echo $n
[ $n -eq 0 ] || exit 0
cd -- "$p/" || exit`,
    ...batches,
  )
}

const digestFunctions = sh`digest_each() { for f in "$@"; do digest "$f"; done; }
digest_all() {
  if command -v sha1sum >/dev/null 2>&1; then sha1sum -- "$@" | cut -c 1-40; else digest_each "$@"; fi
}`

/** A name that sha1sum does not print on one line, or prints with a mark in front of the digest. */
function isOdd(name: string): boolean {
  return /[\n\r\\]/.test(name)
}

/** One line of hex for anything. */
const encode = sh`od -An -v -tx1 | tr -d ' \n'; echo`

/** Reads the answer of `lookAtTree` for the same entries. */
export function readTreeState(output: ScriptResult, entries: readonly LocalFile[]): TreeState {
  if (output.status !== 0) throw new ModuleFailure(output.stderr.trim() || 'the folder cannot be looked at')
  const answer = output.stdout.split('\n')
  const [umask = '', path = '', missing] = answer.splice(0, 3)
  const seen: Record<string, TreeEntry> = {}
  for (let at = 0; Number(missing) === 0 && at < entries.length; at += BATCH) {
    const letters = answer.shift() ?? ''
    const present = entries.slice(at, at + BATCH).filter((_, i) => letters[i] !== '-')
    const kinds = [...letters].filter(letter => letter !== '-')
    const stats = answer.splice(0, present.length).map(parseStat)
    const targets = answer.splice(0, kinds.filter(kind => kind === 'l').length)
    const digests = answer.splice(0, kinds.filter(kind => kind === 'f').length)
    for (const [i, { path }] of present.entries()) {
      const content =
        kinds[i] === 'l'
          ? fromHex(targets.shift() ?? '').replace(/\n$/, '')
          : kinds[i] === 'f'
            ? digestIn(digests.shift())
            : undefined
      seen[path] = { ...stats[i], ...(content === undefined ? {} : { content }) }
    }
  }
  return {
    path: fromHex(path),
    kind: 'tree',
    umask: Number.parseInt(umask, 8) || 0,
    missing: Number(missing),
    entries: seen,
  }
}

function digestIn(line = ''): string | undefined {
  if (line.startsWith('-')) return undefined
  const digest = /^[0-9a-f]{40}/.exec(line)?.[0]
  if (digest === undefined) throw new ModuleFailure('files of the folder went away while they were looked at')
  return digest
}

/** What every entry shall be like: only what matters is given. */
export function wantTree(args: TreeArgs, from: TreeState, entries: readonly LocalFile[]): Partial<TreeState> {
  const wanted: Record<string, TreeEntry> = {}
  for (const entry of entries) {
    const is = from.entries[entry.path]
    if (is !== undefined && !args.force && entry.kind !== 'directory') continue
    wanted[entry.path] = wantEntry(args, from, entry, is)
  }
  return { missing: 0, entries: wanted }
}

/** A wanted tree is there when every key of every wanted entry is; what else there is does not matter. */
export function sameEntries(is: TreeState['entries'], want: TreeState['entries']): boolean {
  return Object.entries(want).every(([path, entry]) => sameEntry(is[path], entry))
}

/** Uploads what differs into folders of its own, and moves it to its place, folder by folder. */
export function changeTree(
  args: TreeArgs,
  from: TreeState,
  to: Partial<TreeState>,
  entries: readonly LocalFile[],
): Change {
  const folders: string[] = []
  const links: Script[] = []
  const backups: Script[] = []
  const attributes = new AttributeGroups()
  const staged = new AttributeGroups()
  const stages = new Map<string, Stage>()
  const uploads: Upload[] = []
  for (const entry of entries) {
    const is = from.entries[entry.path]
    const wanted = to.entries?.[entry.path]
    if (wanted === undefined || sameEntry(is, wanted)) continue
    const { kind, content, ...own } = wanted
    const target = `${from.path}/${entry.path}`
    if (kind === is?.kind && content === is?.content) attributes.add(target, own, is)
    else if (kind === 'directory') {
      folders.push(target)
      attributes.add(target, own)
    } else if (kind === 'link') links.push(sh`ln -sfn -- ${content ?? ''} ${target} || exit`)
    else {
      const stage = stageOf(from, entry.path)
      const file = `${stage.path}/${entry.path.slice(entry.path.lastIndexOf('/') + 1)}`
      const kept = is?.kind === 'file' ? { uid: is.uid, gid: is.gid, mode: is.mode } : {}
      uploads.push({ to: file, mode: 0o600, content: uploadOf(entry) })
      staged.add(file, { ...withoutNames(kept, own), ...own })
      stages.set(stage.path, { ...stage, files: [...(stages.get(stage.path)?.files ?? []), file] })
      if (args.backup && is !== undefined) backups.push(sh`p=${target}`, backupScript)
    }
  }
  const places = [...stages.keys()]
  return {
    light: !args.backup,
    uploads,
    ...(places.length > 0 && { prepare: sh`umask 077; rm -rf -- ${places}; mkdir -- ${places}` }),
    ...(places.length > 0 && { undo: sh`rm -rf -- ${places}` }),
    script: lines(
      places.length > 0 && sh`trap ${sh`rm -rf -- ${places}`.text} EXIT; trap 'exit 143' TERM`,
      ...missingFolders(args, from),
      ...batches(folders).map(some => sh`mkdir -p -- ${some} || exit`),
      ...attributes.scripts(),
      ...links,
      ...staged.scripts(),
      ...backups,
      ...[...stages.values()].flatMap(({ files, folder }) =>
        batches(files).map(some => sh`mv -f -- ${some} ${folder} || exit`),
      ),
    ),
  }
}

/** Where files wait that go into one folder. */
interface Stage {
  readonly path: string
  readonly folder: string
  readonly files: readonly string[]
}

/** In the folder itself where it is there already, else in the nearest one above: on the same file system, so that a move is one step. */
function stageOf(from: TreeState, path: string): Stage {
  const inside = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
  const folder = `${from.path}/${inside && `${inside}/`}`
  let there = inside
  while (there !== '' && from.entries[there]?.kind !== 'directory')
    there = there.includes('/') ? there.slice(0, there.lastIndexOf('/')) : ''
  const near = from.missing > 0 ? ancestor(from.path, from.missing) : `${from.path}${there && `/${there}`}`
  return { path: `${near === '/' ? '' : near}/.mlops-${sha1Of(folder)}.tmp`, folder, files: [] }
}

/** The folders down to the tree that are missing, outermost first. */
function missingFolders(args: TreeArgs, from: TreeState): readonly Script[] {
  const levels = Array.from({ length: from.missing }, (_, i) => ancestor(from.path, from.missing - 1 - i))
  const mode = folderMode(args, from, undefined)
  const own = { ...mode, ...wantedAttributes({ ...args, mode: undefined }, base(from)) }
  return levels.flatMap(folder => [sh`mkdir -p -- ${folder} || exit`, orExit(setAttributes(sh`${folder}`, own))])
}

function wantEntry(args: TreeArgs, from: TreeState, entry: LocalFile, is: TreeEntry | undefined): TreeEntry {
  const owners = wantedAttributes({ ...args, mode: undefined }, base(from))
  if (entry.kind === 'link' && is?.kind !== 'directory') return { kind: 'link', content: entry.sha1 }
  if (is !== undefined && is.kind !== (entry.kind === 'directory' ? 'directory' : 'file') && is.kind !== 'link') {
    throw new ModuleFailure(`${from.path}/${entry.path} is there already, and is not a ${entry.kind}`)
  }
  if (entry.kind === 'directory') return { kind: 'directory', ...owners, ...folderMode(args, from, is) }
  const mode = args.mode === 'preserve' ? entry.mode : args.mode
  const there = is?.kind === 'file' && is.mode !== undefined
  const start = { ...base(from), mode: there ? Number.parseInt(is.mode ?? '', 8) : newFileMode(from.umask) }
  return {
    kind: 'file',
    content: entry.sha1,
    ...(there ? {} : { mode: octal(newFileMode(from.umask)) }),
    ...wantedAttributes({ ...args, mode }, start),
  }
}

function folderMode(args: TreeArgs, from: TreeState, is: TreeEntry | undefined): { mode?: string } {
  if (args.directory_mode === undefined) return {}
  const mode = is?.mode === undefined ? 0o777 & ~from.umask : Number.parseInt(is.mode, 8)
  const wanted = wantedAttributes({ mode: args.directory_mode }, { mode, isDirectory: true, umask: from.umask }).mode
  return wanted === undefined ? {} : { mode: wanted }
}

function uploadOf({ file, sizeBytes, sha1, decrypted, read }: LocalFile): Upload['content'] {
  return decrypted ? read() : { file, sizeBytes, sha1 }
}

/** The numbers of owner and group that are kept, without those for which another name is wanted. */
function withoutNames(keep: Loose<WantedAttributes>, wanted: WantedAttributes): WantedAttributes {
  const { uid, gid, mode } = keep
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(uid === undefined || wanted.owner !== undefined ? {} : { uid }),
    ...(gid === undefined || wanted.group !== undefined ? {} : { gid }),
  }
}

function sameEntry(is: TreeEntry | undefined, want: TreeEntry): boolean {
  return is !== undefined && Object.entries(want).every(([key, value]) => Reflect.get(is, key) === value)
}

function base(from: TreeState): { mode: number; isDirectory: boolean; umask: number } {
  return { mode: newFileMode(from.umask), isDirectory: false, umask: from.umask }
}

function fromHex(text: string): string {
  return Buffer.from(text, 'hex').toString()
}
