import type { ScriptResult } from '../../connection/connection.ts'
import type { ArgTable } from '../../schema/arguments.ts'
import { lines, type Script, script, sh } from '../../shell/sh.ts'
import { type Change, type Diff, type Inputs, ModuleFailure, type Result } from '../module.ts'
import { type AttributeArgs, attributeArgs, setAttributes, wantedAttributes } from './attributes.ts'
import { absentFile, type FileState, lookAtFile, readFile } from './file-look.ts'
import { octal } from './mode.ts'
import { definedAttributes } from './placed-file.ts'
import { backupScript, fileModeBase, newFileMode, placementScript, temporaryFor } from './placement.ts'

/** Arguments of every module that has a program of the host make a file. */
export const madeArgs = {
  path: { type: 'path', required: true, doc: 'The file.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether it is there.' },
  force: { type: 'bool', default: false, doc: 'Makes it anew each time.' },
  backup: { type: 'bool', default: false, doc: 'Keeps the old file under a name with the time.' },
  return_content: { type: 'bool', default: false, doc: 'Registers the content.' },
  select_crypto_backend: {
    type: 'str',
    choices: ['auto', 'cryptography', 'pyopenssl', 'openssl'],
    default: 'auto',
    doc: 'Who makes it.',
    ignored: '`openssl` of the host does',
  },
  ...attributeArgs,
} as const satisfies ArgTable

interface MadeArgs extends AttributeArgs {
  readonly path: string
  readonly state: string
  readonly force: boolean
  readonly backup: boolean
  readonly return_content: boolean
}

/** A file that a program makes. `fits`: `yes`, or what is wrong with it. `told` is what the probe printed. */
export type Made = FileState & { readonly fits: string; readonly told?: string }

export const nothingMade: Made = { ...absentFile, fits: 'it is not there' }

/** Stops where the host has no openssl. `$d` is a folder of the script's own. */
export const opensslReady = sh`command -v openssl >/dev/null 2>&1 || { echo 'openssl is not on this host' >&2; exit 127; }
d=$(mktemp -d) || exit
umask 077
trap 'rm -rf -- "$d"' EXIT`

/** Looks at the file, `$p`, and runs a probe. */
export function lookAtMade({ path, return_content }: MadeArgs, probe: Script): Script {
  // the probe gets a stricter mask than the one that the look tells
  return lines(lookAtFile(path, { follow: true, content: return_content }), sh`printf '\036'`, opensslReady, probe)
}

/** The file, and what the probe printed; undefined where a check finds no openssl yet. */
export function readMade(
  output: ScriptResult,
  { return_content }: MadeArgs,
  { checkMode }: Inputs,
): { file: FileState; told: string | undefined } {
  const [look = '', ...rest] = output.stdout.split('\x1e')
  if (output.status !== 0 && !(checkMode && output.status === 127)) {
    throw new ModuleFailure(output.stderr.trim() || `exit status ${output.status}`, { rc: output.status })
  }
  const file = readFile({ ...output, status: 0, stdout: look }, { follow: true, content: return_content })
  if (file.kind === 'directory') throw new ModuleFailure(`${file.path} is a directory`)
  return { file, told: output.status === 0 ? rest.join('\x1e') : undefined }
}

/** `mode` is that of a new file when none is asked for. */
export function wantMade(
  args: MadeArgs,
  from: Made,
  { isNew, mode, checkMode }: { isNew: boolean; mode?: string; checkMode: boolean },
): Partial<Made> {
  if (args.state === 'absent') return from.kind === 'absent' ? {} : { kind: 'absent' }
  if (from.missingParents > 0 && !checkMode) {
    const folder = from.path.slice(0, from.path.lastIndexOf('/'))
    throw new ModuleFailure(`The directory ${folder} does not exist or the file is not a directory`)
  }
  const own = mode === undefined ? {} : { mode }
  const ofNew = from.kind === 'absent' ? { mode: octal(newFileMode(from.umask)) } : {}
  return {
    kind: 'file',
    ...(isNew ? { fits: 'yes' } : {}),
    ...ofNew,
    ...own,
    ...wantedAttributes(args, fileModeBase(from)),
  }
}

/** Makes the file by `fill`, which writes into `"$t"`, and probes it again; or sets attributes alone; or removes it. */
export function changeMade(
  args: MadeArgs,
  { from = nothingMade, to = {} }: { from: Made | undefined; to: Partial<Made> | undefined },
  { fill, probe }: { readonly fill: Script; readonly probe: Script },
): Change {
  const { kind, fits, told: _, ...wanted } = to
  if (kind === 'absent') return { script: lines(sh`p=${from.path}`, args.backup && backupScript, sh`rm -f -- "$p"`) }
  if (fits === undefined) {
    const attributes = setAttributes(script('"$p"'), wanted, definedAttributes(from))
    return attributes ? { script: lines(sh`p=${from.path}`, attributes) } : {}
  }
  const placed = placementScript({
    from,
    temporary: temporaryFor(from, 'made'),
    wanted,
    backup: args.backup,
    fill,
  })
  // the trap of the placement takes the place of the other one
  return {
    script: lines(
      opensslReady,
      sh`(`,
      placed,
      sh`) || exit`,
      sh`printf '\036'; p=${from.path}`,
      contentOf(args),
      probe,
    ),
  }
}

export function diffMade({
  from = nothingMade,
  to = {},
}: {
  from: Made | undefined
  to: Partial<Made> | undefined
}): Diff {
  const of = ({ kind, fits, mode, owner, group }: Partial<Made>) =>
    Object.entries({ state: kind, fits, mode, owner, group })
      .filter(([key, value]) => value !== undefined && (key !== 'fits' || kind !== 'absent'))
      .map(([key, value]) => `${key}: ${value}\n`)
      .join('')
  return { before_header: from.path, after_header: from.path, before: of(from), after: of({ ...from, ...to }) }
}

/** What the probe printed, in the look or after the change. */
export function toldOf({ to, output }: { to: Made | undefined; output?: ScriptResult }): string {
  return output?.stdout.split('\x1e').slice(2).join('\x1e') || (to?.told ?? '')
}

function contentOf({ return_content }: MadeArgs): Script {
  return lines(return_content && sh`openssl base64 -A -in "$p"`, sh`printf '\036'`)
}

/** The keys that all these modules register; the content under `contentKey` when it is asked for. */
export function madeResult(
  args: MadeArgs,
  { to = nothingMade, changed, output }: { to: Made | undefined; changed: boolean; output?: ScriptResult },
  contentKey: string,
): Result {
  const [placed = '', content = ''] = output?.stdout.split('\x1e') ?? []
  const backup = placed.trim()
  return {
    changed,
    filename: args.path,
    ...(args.backup && backup ? { backup_file: backup } : {}),
    ...(args.return_content && args.state === 'present' ? { [contentKey]: decodedText(content || to.content) } : {}),
  }
}

function decodedText(content: string | undefined): string | null {
  return content === undefined ? null : Buffer.from(content, 'base64').toString()
}
