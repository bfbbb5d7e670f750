import { lines, quote, type Script, script, sh } from '../../shell/sh.ts'
import { type Diff, ModuleFailure } from '../module.ts'
import { type Loose, setAttributes, type WantedAttributes } from './attributes.ts'
import { commandWords } from './command-words.ts'
import { ancestor, type FileState, SHOWN_BYTES, sha1Of } from './file-look.ts'
import { octal } from './mode.ts'

/** How a finished temporary file takes the place of `from.path`. */
export interface Placement {
  readonly from: FileState
  readonly temporary: string
  readonly wanted: Loose<WantedAttributes>
  /** For folders that are made on the way. */
  readonly wantedParents?: Loose<WantedAttributes>
  readonly backup?: boolean
  readonly validate?: string | undefined
  readonly unsafeWrites?: boolean
  /** Fills the temporary file; by default it was uploaded. */
  readonly fill?: Script
}

/** A hidden name beside the target, or in the nearest folder above it that is there. */
export function temporaryFor(from: FileState, seed: string): string {
  const folder = ancestor(from.path, from.missingParents + 1)
  return `${folder === '/' ? '' : folder}/.mlops-${sha1Of(`${from.path}\n${seed}`)}.tmp`
}

/** Permission bits that a new file has when nobody says otherwise. */
export function newFileMode(umask: number): number {
  return 0o666 & ~umask
}

/** The bits that a symbolic mode starts from, for a file that is there or is about to be made. */
export function fileModeBase(from: FileState): { mode: number; isDirectory: boolean; umask: number } {
  const mode = from.kind === 'file' && from.mode !== undefined ? Number.parseInt(from.mode, 8) : newFileMode(from.umask)
  return { mode, isDirectory: false, umask: from.umask }
}

/**
 * Moves the temporary file to its place: attributes first, so that nobody reads what they may not; then the check, the backup, `mv`.
 * Prints the path of the backup. Owner and mode of what was there are kept where nothing else is asked.
 */
export function placementScript(placement: Placement): Script {
  const { from, temporary, wanted, wantedParents = {}, backup, validate, unsafeWrites, fill } = placement
  const mode = wanted.mode ?? (from.kind === 'file' ? from.mode : undefined) ?? octal(newFileMode(from.umask))
  const target = script('"$1"')
  const keep = from.kind === 'file' ? sh`chown -- ${`${from.uid}:${from.gid}`} "$1" 2>/dev/null` : undefined
  const own = setAttributes(target, { ...wanted, mode })
  return lines(
    sh`p=${from.path}; t=${temporary}; trap 'rm -f -- "$t"' EXIT; trap 'exit 143' TERM`,
    sh`attributes() {`,
    keep,
    own,
    sh`}`,
    fill && sh`(umask 077; : >"$t") && ${fill} || exit`,
    makeParents(from, wantedParents),
    sh`attributes "$t" || exit`,
    validate !== undefined && validation(validate),
    backup && from.kind !== 'absent' && backupScript,
    replaceLink,
    sh`if mv -f -- "$t" "$p" 2>/dev/null; then trap - EXIT; exit; fi`,
    // A file mounted into a container cannot be replaced, only written to.
    sh`if ${unsafeWrites ? script('true') : script('grep -qF " $p " /proc/self/mountinfo 2>/dev/null')}; then
  cat "$t" >"$p" && attributes "$p"
else
  mv -f -- "$t" "$p"
fi`,
  )
}

/** A link to a folder would be entered by `mv`. */
export const replaceLink = sh`if [ -L "$p" ] && [ -d "$p" ]; then rm -f -- "$p"; fi`

/** Saves what is there under Ansible's name for backups, and prints that name. */
export const backupScript = sh`[ ! -e "$p" ] || { b="$p.$$.$(date +%Y-%m-%d@%H:%M:%S)~"; cp -p -- "$p" "$b" && printf '%s\n' "$b" || { rm -f -- "$b"; exit 1; }; }`

/** Folders above the file that are missing, outermost first. */
function makeParents(from: FileState, wanted: Loose<WantedAttributes>): Script | undefined {
  if (from.missingParents === 0) return undefined
  const folders = Array.from({ length: from.missingParents }, (_, i) => ancestor(from.path, from.missingParents - i))
  return lines(...folders.map(folder => lines(sh`mkdir -p -- ${folder} || exit`, setAttributes(sh`${folder}`, wanted))))
}

function validation(command: string): Script {
  if (!command.includes('%s')) throw new ModuleFailure(`validate must contain %s: ${command}`)
  const words = commandWords(command).map(word => script(word.split('%s').map(quote).join('"$t"')))
  return sh`v=$(${words} 2>&1) || { printf 'failed to validate: %s\n' "$v" >&2; exit 1; }`
}

/** Diffs of a file's content and of its attributes. `after` undefined: the content stays. */
export function fileDiff(
  from: FileState,
  wanted: Loose<WantedAttributes>,
  after: { readonly bytes: Uint8Array | undefined; readonly source: string } | undefined,
): Diff[] {
  const diffs: Diff[] = []
  if (after !== undefined) {
    const before = from.content === undefined ? undefined : Buffer.from(from.content, 'base64')
    diffs.push({
      before_header: from.path,
      after_header: after.source,
      before: from.kind === 'absent' || (from.kind === 'link' && before === undefined) ? '' : shown(before),
      after: shown(after.bytes),
    })
  }
  const keys = Object.entries(wanted).filter(
    ([key, value]) => from.kind !== 'absent' && value !== undefined && value !== Reflect.get(from, key),
  )
  if (keys.length > 0) {
    diffs.push({
      before_header: from.path,
      after_header: from.path,
      before: Object.fromEntries(keys.map(([key]) => [key, Reflect.get(from, key)])),
      after: Object.fromEntries(keys),
    })
  }
  return diffs
}

function shown(bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.length > SHOWN_BYTES || bytes.includes(0)) return differs(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return differs(bytes)
  }
}

function differs(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '(large content)\n' : `(binary or large content, SHA-1 ${sha1Of(bytes)})\n`
}
