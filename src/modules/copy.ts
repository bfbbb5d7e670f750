import { bytesOf } from '../bytes.ts'
import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { pythonText } from '../schema/python-text.ts'
import { defineState, type Inputs, ModuleFailure, type Result } from './module.ts'
import { attributeArgs, attributeReturns } from './parts/attributes.ts'
import { type FileState, lookAtFile, readFile, SHOWN_BYTES, sha1Of } from './parts/file-look.ts'
import { jsonText } from './parts/json-text.ts'
import { changeFile, diffFile, fileResult, type Source, wantFile } from './parts/placed-file.ts'
import { fileDiff } from './parts/placement.ts'
import {
  changeCopy,
  lookAtCopy,
  type RemoteArgs,
  type RemoteCopyState,
  readCopy,
  wantCopy,
} from './parts/remote-copy.ts'
import { changeTree, lookAtTree, readTreeState, sameEntries, type TreeState, wantTree } from './parts/tree.ts'

/** What is at the target: one file, a tree, or a copy within the host. Keys that a kind does not have are left out. */
type CopyState = Partial<FileState> & Partial<Omit<RemoteCopyState, 'kind'>> & Partial<Omit<TreeState, 'kind'>>

const table = {
  src: {
    type: 'path',
    doc: 'A file or folder of the controller, searched in `files/`; one of the host with `remote_src`.',
  },
  content: { type: 'raw', exact: true, doc: 'The text itself, in place of `src`. Data is written as JSON.' },
  dest: {
    type: 'path',
    doc: 'Where it goes. A file keeps its name in a folder, or in what ends with `/`.',
    required: true,
  },
  remote_src: { type: 'bool', doc: '`src` is on the host already.', default: false },
  force: {
    type: 'bool',
    doc: 'Replaces other content. `no`: only what is missing is made.',
    default: true,
    aliases: ['thirsty'],
  },
  backup: { type: 'bool', doc: 'Keeps the file that was there under a name with the time.', default: false },
  validate: { type: 'str', doc: 'A command that checks the new file, named `%s` in it, before it takes its place.' },
  directory_mode: { type: 'raw', doc: 'Permission bits of folders that are copied or made.' },
  follow: {
    type: 'bool',
    doc: 'Writes to where a link at `dest` points, instead of replacing the link.',
    default: false,
  },
  local_follow: { type: 'bool', doc: 'Copies what links in `src` point to, instead of the links.', default: true },
  checksum: { type: 'str', doc: 'The SHA-1 that the content must have.' },
  decrypt: {
    type: 'bool',
    doc: 'Opens files that are in a vault.',
    default: true,
  },
  ...attributeArgs,
  mode: { type: 'raw', doc: 'Permission bits: octal, symbolic, or `preserve` for those of the source.' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const copy = defineState({
  summary: 'Places files, folders or text on a host.',
  details:
    'A folder goes into `dest` under its own name; with a `/` at the end of `src`, only what is in it goes there. What has the same content already is not sent again.',
  args: table,
  check: args => [
    ...(args.src !== undefined && args.content !== undefined ? ['`src` and `content` exclude each other'] : []),
    ...(args.content !== undefined && args.dest?.endsWith('/')
      ? ['`content` needs a file as `dest`, not a folder']
      : []),
  ],
  examples: `
- copy:
    src: app/
    dest: /srv/app
    owner: app
    mode: u=rwX,g=rX,o=
    directory_mode: '0750'
- copy: content="{{ motd }}\\n" dest=/etc/motd mode=0644
- ansible.builtin.copy:
    src: sudoers
    dest: /etc/sudoers.d/deploy
    mode: '0440'
    validate: visudo -cf %s
- copy: { src: /etc/hosts, dest: /etc/hosts.old, remote_src: yes, mode: preserve }
`,
  returnDocs: {
    dest: 'Where it was placed.',
    src: 'Where it comes from.',
    checksum: 'SHA-1 of the content.',
    md5sum: 'MD5 of the content, when it was placed.',
    backup_file: 'Where the old file is kept.',
    ...attributeReturns,
  },
  needs: args =>
    args.src === undefined || args.remote_src
      ? {}
      : {
          files: {
            src: args.src,
            searchIn: 'files',
            tree: true,
            followLinks: args.local_follow,
            decrypt: args.decrypt,
          },
        },
  look(args, inputs) {
    if (args.remote_src) return lookAtCopy(remote(args), lookOptions(args, inputs))
    const tree = treeOf(args, inputs)
    return tree ? lookAtTree(args.dest, tree.name, tree.entries) : lookAtFile(args.dest, lookOptions(args, inputs))
  },
  read(output, args, inputs): CopyState {
    if (args.remote_src) return readCopy(output, lookOptions(args, inputs))
    const tree = treeOf(args, inputs)
    if (!tree) return readFile(output, lookOptions(args, inputs))
    const { kind: _, ...state } = readTreeState(output, tree.entries)
    return state
  },
  want(args, state, inputs): CopyState {
    if (args.remote_src) return wantCopy(remote(args), copied(state), inputs)
    const tree = treeOf(args, inputs)
    if (tree) {
      const { kind: _, ...wanted } = wantTree(args, treeState(state), tree.entries)
      return wanted
    }
    const source = sourceOf(args, inputs)
    if (args.checksum !== undefined && args.checksum !== source.sha1) {
      throw new ModuleFailure(
        `Copied file does not match the expected checksum: ${source.sha1} is not ${args.checksum}`,
        { checksum: source.sha1, expected_checksum: args.checksum },
      )
    }
    return wantFile(modeOfSource(args, inputs), file(state), source.sha1, inputs)
  },
  same: { entries: (is, want) => is !== undefined && want !== undefined && sameEntries(is, want) },
  change(args, { from, to }, inputs) {
    if (args.remote_src) return changeCopy(remote(args), copied(from), copied(to))
    const tree = treeOf(args, inputs)
    if (tree) return changeTree(args, treeState(from), treeState(to), tree.entries)
    return changeFile(modeOfSource(args, inputs), file(from), wantedFile(to), sourceOf(args, inputs))
  },
  diff(args, { from, to }, inputs) {
    const tree = args.remote_src ? undefined : treeOf(args, inputs)
    if (tree) {
      const paths = tree.entries
        .map(entry => entry.path)
        .filter(path => {
          const wanted = to?.entries?.[path]
          return wanted !== undefined && !sameEntries(from?.entries ?? {}, { [path]: wanted })
        })
      return { before: '', after: paths.map(path => `${from?.path}/${path}\n`).join('') }
    }
    if (!args.remote_src) return diffFile(file(from), wantedFile(to), sourceOf(args, inputs))
    const differs =
      to?.sha1 === undefined || to.sha1 === from?.sha1 ? undefined : { bytes: undefined, source: from?.source ?? '' }
    return fileDiff(file(from), attributesOf(to), differs)
  },
  returns(args, { from, to, changed, output }, inputs): Result {
    const placed = { from: file(from), to: file(to), changed, output, inputs }
    if (args.remote_src) {
      const { src } = args
      return {
        ...fileResult(placed),
        ...(to?.sourceSha1 === undefined ? {} : { checksum: to.sourceSha1 }),
        ...(to?.sourceKind === 'directory' ? { dest: args.dest } : {}),
        ...(src === undefined ? {} : { src }),
      }
    }
    if (treeOf(args, inputs)) {
      const { source = args.src } = inputs.files ?? {}
      return {
        changed,
        dest: args.dest.replace(/\/?$/, '/'),
        src: args.src?.endsWith('/') ? `${source?.replace(/\/$/, '')}/` : source,
      }
    }
    const source = sourceOf(args, inputs)
    return {
      ...fileResult(placed, source),
      ...(args.src === undefined ? {} : { src: source.name }),
    }
  },
})

function lookOptions(args: Args, { diffMode, files }: Inputs) {
  const name = args.src === undefined || files === undefined ? undefined : files.source.split('/').at(-1)
  return {
    follow: args.follow,
    nameInFolder: name,
    folderLinks: name === undefined,
    ...(diffMode ? { content: SHOWN_BYTES } : {}),
  }
}

/** The entries of a source that is a folder, and the name under which it goes into the target. */
function treeOf({ src }: Args, { files }: Inputs) {
  if (files?.root !== 'directory' || src === undefined) return undefined
  return {
    name: src.endsWith('/') ? '' : (files.source.split('/').filter(Boolean).at(-1) ?? ''),
    entries: files.entries,
  }
}

function sourceOf({ content }: Args, { files }: Inputs): Source {
  if (content !== undefined) {
    const bytes = bytesOf(isData(content) ? jsonText(content) : pythonText(content))
    return { sha1: sha1Of(bytes), sizeBytes: bytes.length, upload: bytes, bytes: () => bytes, name: 'content' }
  }
  const [entry] = files?.entries ?? []
  if (entry === undefined) throw new ModuleFailure('src (or content) is required')
  const { sha1, sizeBytes, file, read, decrypted } = entry
  return {
    sha1,
    sizeBytes,
    upload: decrypted ? read() : { file, sizeBytes, sha1 },
    bytes: read,
    name: files?.source ?? file,
  }
}

/** Lists and dicts, but no number that is written with a point. */
function isData(content: unknown): boolean {
  return typeof content === 'object' && content !== null && typeof content.valueOf() === 'object'
}

function modeOfSource(args: Args, { files }: Inputs): Args {
  if (args.mode !== 'preserve') return args
  const [entry] = files?.entries ?? []
  if (entry === undefined) throw new ModuleFailure('mode cannot be preserved where there is only content')
  return { ...args, mode: entry.mode }
}

function remote(args: Args): RemoteArgs {
  if (args.src === undefined) throw new ModuleFailure('src is required with remote_src')
  return { ...args, src: args.src }
}

// One module has three shapes of state; `args` and `inputs` say which one it is, and these give it back its whole type.

function file(state: CopyState | undefined): FileState {
  return { path: '', umask: 0o022, missingParents: 0, kind: 'absent', ...state }
}

function copied(state: CopyState | undefined): RemoteCopyState {
  return { ...file(state), source: '', sourceKind: 'file', sourceMode: '0644', ...state }
}

function treeState(state: CopyState | undefined): TreeState {
  return { path: '', umask: 0o022, missing: 0, entries: {}, ...state, kind: 'tree' }
}

function wantedFile(state: CopyState | undefined): Partial<FileState> {
  return state ?? {}
}

function attributesOf(state: CopyState | undefined) {
  const { mode, owner, group, uid, gid } = state ?? {}
  return Object.fromEntries(Object.entries({ mode, owner, group, uid, gid }).filter(([, value]) => value !== undefined))
}
