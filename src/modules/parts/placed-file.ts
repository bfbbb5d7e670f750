import { createHash } from 'node:crypto'
import type { ScriptResult, Upload } from '../../connection/connection.ts'
import { lines, type Script, script, sh } from '../../shell/sh.ts'
import { type Change, type Diff, type Inputs, ModuleFailure, type Result } from '../module.ts'
import { type AttributeArgs, attributeResult, ownership, setAttributes, wantedAttributes } from './attributes.ts'
import { type FileState, SHOWN_BYTES } from './file-look.ts'
import { octal } from './mode.ts'
import { fileDiff, fileModeBase, newFileMode, placementScript, temporaryFor } from './placement.ts'

/** Content that is known on the controller, on its way to a path of the host. */
export interface Source {
  readonly sha1: string
  readonly sizeBytes: number
  readonly upload: Upload['content']
  /** The bytes, read when a diff is drawn. */
  readonly bytes: () => Uint8Array
  /** For people: where it comes from. */
  readonly name: string
}

export interface PlacedArgs extends AttributeArgs {
  readonly dest: string
  readonly force: boolean
  readonly backup: boolean
  readonly validate?: string | undefined
  readonly unsafe_writes: boolean
  readonly directory_mode?: unknown
}

/** What matters of a placed file: its content, by digest, and its attributes. */
export type WantedFile = Partial<FileState>

/**
 * What a file with this content shall be like; nothing at all for one that is there and is not to be replaced.
 * In a check its folder may be missing: an earlier task would have made it.
 */
export function wantFile(
  args: PlacedArgs,
  from: FileState,
  sha1: string,
  { checkMode }: Pick<Inputs, 'checkMode'>,
): WantedFile {
  if (from.kind === 'directory') throw new ModuleFailure(`${from.path} is a folder`)
  if (from.kind === 'other') throw new ModuleFailure(`${from.path} is no regular file, and is not replaced`)
  if (from.missingParents > 0 && !args.dest.endsWith('/') && !checkMode) {
    const folder = from.path.slice(0, from.path.lastIndexOf('/'))
    throw new ModuleFailure(`Destination directory ${folder} does not exist`)
  }
  if (!args.force && from.kind !== 'absent') return {}
  const wanted = { kind: 'file', sha1, ...wantedAttributes(args, fileModeBase(from)) } as const
  return from.kind === 'file' ? wanted : { mode: octal(newFileMode(from.umask)), ...wanted }
}

/** Uploads and moves content that differs; sets attributes alone where only they differ. */
export function changeFile(args: PlacedArgs, from: FileState, to: WantedFile, source: Source): Change {
  const { kind: _, sha1, ...wanted } = to
  if (from.kind === 'file' && from.sha1 === sha1) {
    const attributes = setAttributes(script('"$p"'), wanted, definedAttributes(from))
    return attributes ? { light: true, script: inPath(from.path, attributes) } : {}
  }
  const temporary = temporaryFor(from, source.sha1)
  const parents = {
    ...(args.directory_mode === undefined
      ? {}
      : wantedAttributes(
          { mode: args.directory_mode },
          { mode: 0o777 & ~from.umask, isDirectory: true, umask: from.umask },
        )),
    ...(args.dest.endsWith('/') ? ownership(args) : {}),
  }
  return {
    // a check of their own may leave a process behind; the name of a backup has the number of the process
    light: args.validate === undefined && !args.backup,
    uploads: [{ to: temporary, mode: 0o600, content: source.upload }],
    script: placementScript({
      from,
      temporary,
      wanted,
      wantedParents: parents,
      backup: args.backup,
      validate: args.validate,
      unsafeWrites: args.unsafe_writes,
    }),
  }
}

/** Before and after, of content and attributes. */
export function diffFile(from: FileState, to: WantedFile, source: Source): readonly Diff[] {
  const { kind: _, sha1, ...wanted } = to
  const bytes = source.sizeBytes > SHOWN_BYTES ? undefined : source.bytes()
  return fileDiff(from, wanted, sha1 === undefined || sha1 === from.sha1 ? undefined : { bytes, source: source.name })
}

export interface Placed {
  readonly from: FileState
  readonly to: FileState
  readonly changed: boolean
  readonly output?: ScriptResult | undefined
  readonly inputs: Inputs
}

/** The registered result of a placed file. Of a check: what is there, unless it would get another content. */
export function fileResult({ from, to, changed, output, inputs }: Placed, source?: Source | undefined): Result {
  const checksum = source?.sha1 ?? to.sha1
  const backup = output?.stdout.trim()
  const placed = changed && from.sha1 !== to.sha1
  const checked = inputs.checkMode && changed
  return {
    changed,
    dest: to.path,
    path: to.path,
    ...(checksum === undefined ? {} : { checksum }),
    ...(placed && !checked && source !== undefined && source.sizeBytes <= MOST_SUMMED_BYTES
      ? { md5sum: createHash('md5').update(source.bytes()).digest('hex') }
      : {}),
    ...(checked && placed ? {} : result(checked ? from : to)),
    ...(backup ? { backup_file: backup } : {}),
  }
}

/** Larger files are not read a second time for an MD5 that hardly anybody asks for. */
const MOST_SUMMED_BYTES = 16_000_000

function result(state: FileState): Result {
  const attributes = definedAttributes(state)
  return attributes === undefined ? { state: 'absent' } : attributeResult(attributes)
}

/** The keys that Ansible adds to every result with a `path`. Of a check: what is there. */
export function pathResult({ from, to, changed, inputs }: Omit<Placed, 'output'>): Result {
  return result(inputs.checkMode && changed ? from : to)
}

/** The attributes of a file that is there. */
export function definedAttributes(state: FileState): Parameters<typeof attributeResult>[0] | undefined {
  const { kind, mode, uid, gid, owner, group, size } = state
  if (kind === 'absent' || mode === undefined || uid === undefined || gid === undefined) return undefined
  return { kind, mode, uid, gid, owner: owner ?? '', group: group ?? '', size: size ?? 0 }
}

function inPath(path: string, attributes: Script): Script {
  return lines(sh`p=${path}`, attributes)
}
