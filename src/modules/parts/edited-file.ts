import type { ScriptResult } from '../../connection/connection.ts'
import type { ArgTable } from '../../schema/arguments.ts'
import { type Change, type Diff, type Inputs, ModuleFailure, type Result } from '../module.ts'
import { type AttributeArgs, attributeArgs, wantedAttributes } from './attributes.ts'
import { absentFile, type FileState, type LookOptions, lookAtFile, readFile, sha1Of } from './file-look.ts'
import { octal } from './mode.ts'
import { changeFile, diffFile, type Source } from './placed-file.ts'
import { fileModeBase, newFileMode } from './placement.ts'

/** Arguments of every module that edits a file in place. */
export const editArgs = {
  path: { type: 'path', doc: 'The file.', required: true, aliases: ['dest', 'destfile', 'name'] },
  backup: { type: 'bool', doc: 'Keeps the old file under a name with the time.', default: false },
  validate: { type: 'str', doc: 'A command that checks the new file, named `%s` in it, before it takes its place.' },
  encoding: {
    type: 'str',
    doc: 'The encoding of the file.',
    default: 'utf-8',
    ignored: 'bytes that are not UTF-8 are kept as they are',
  },
  ...attributeArgs,
} as const satisfies ArgTable

interface EditArgs extends AttributeArgs {
  readonly path: string
  readonly backup: boolean
  readonly validate?: string | undefined
  readonly unsafe_writes: boolean
}

/** What an edit makes of a file. `text` undefined: the file stays absent. */
export interface Edit {
  readonly text: string | undefined
  readonly msg: string
}

/** The text of a file. Bytes that are no UTF-8 are kept: every byte is a character then, in the file and in what is put in. */
export interface FileText {
  readonly text: string | undefined
  /** A text of the task, in the encoding of the file. */
  readonly own: (text: string) => string
  readonly bytes: (text: string) => Buffer
}

/** What every module that edits a file in place does around its edit. */
export function editing<A extends EditArgs>(edit: (args: A, from?: FileState) => Edit) {
  return {
    look: ({ path }: A) => lookAtFile(path, editLook),
    read: (output: ScriptResult) => readFile(output, editLook),
    want: (args: A, state: FileState | undefined) => wantEdited(args, state ?? absentFile, edit(args, state)),
    change: (args: A, { from, to }: { from: FileState | undefined; to: Partial<FileState> | undefined }) =>
      changeEdited(args, from ?? absentFile, to ?? {}, edit(args, from)),
    diff: (args: A, { from, to }: { from: FileState | undefined; to: Partial<FileState> | undefined }) =>
      diffEdited(from ?? absentFile, to ?? {}, edit(args, from)),
  }
}

/** Opens the content that a look found. */
export function openText(from: FileState): FileText {
  if (from.kind === 'directory') throw new ModuleFailure(`Path ${from.path} is a directory !`, { rc: 256 })
  if (from.kind !== 'absent' && from.content === undefined) throw new ModuleFailure(`${from.path} cannot be read`)
  const bytes = from.content === undefined ? undefined : Buffer.from(from.content, 'base64')
  const utf8 = { own: (text: string) => text, bytes: (text: string) => Buffer.from(text) }
  if (bytes === undefined) return { text: undefined, ...utf8 }
  const text = bytes.toString()
  if (Buffer.from(text).equals(bytes)) return { text, ...utf8 }
  return {
    text: bytes.toString('latin1'),
    own: own => Buffer.from(own).toString('latin1'),
    bytes: edited => Buffer.from(edited, 'latin1'),
  }
}

/** The state of the file after an edit: its new digest, and its attributes. */
export function wantEdited(args: EditArgs, from: FileState, edit: Edit): Partial<FileState> {
  if (edit.text === undefined) return {}
  const wanted = {
    kind: 'file',
    sha1: sha1Of(openText(from).bytes(edit.text)),
    ...wantedAttributes(args, fileModeBase(from)),
  } as const
  return from.kind === 'absent' ? { mode: octal(newFileMode(from.umask)), ...wanted } : wanted
}

/** Writes the edited text, or sets attributes alone. */
export function changeEdited(args: EditArgs, from: FileState, to: Partial<FileState>, edit: Edit): Change {
  return changeFile({ ...args, dest: args.path, force: true }, from, to, source(from, edit))
}

/** Before and after, of text and attributes. */
export function diffEdited(from: FileState, to: Partial<FileState>, edit: Edit): readonly Diff[] {
  return diffFile(from, to, source(from, edit))
}

/** What is registered: Ansible's message, and the name of the backup. */
export function editResult(
  { from, to, changed, backup }: { from: FileState; to: FileState; changed: boolean; backup: string | undefined },
  edit: Edit,
  { checkMode }: Inputs,
): Result {
  const attributes = changed && (edit.msg === '' || attributesDiffer(from, to, checkMode))
  const msg = [edit.msg, ...(attributes ? ['ownership, perms or SE linux context changed'] : [])].filter(Boolean)
  return { changed, msg: msg.join(' and '), backup: backup?.trim() ?? '' }
}

/** Text as lines that keep their ends. */
export function linesOf(text: string | undefined): string[] {
  return text ? text.split(/(?<=\n)/) : []
}

function source(from: FileState, edit: Edit): Source {
  const bytes = openText(from).bytes(edit.text ?? '')
  return { sha1: sha1Of(bytes), sizeBytes: bytes.length, upload: bytes, bytes: () => bytes, name: from.path }
}

function attributesDiffer(from: FileState, to: FileState, checkMode: boolean): boolean {
  if (from.kind === 'absent') return !checkMode && to.mode !== octal(newFileMode(from.umask))
  return (['mode', 'uid', 'gid', 'owner', 'group'] as const).some(key => from[key] !== to[key])
}

/** Links are looked through; the whole content is read. */
const editLook: LookOptions = { follow: true, content: true }
