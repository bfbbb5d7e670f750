import type { ScriptResult } from '../../connection/connection.ts'
import { lines, type Script, script, sh } from '../../shell/sh.ts'
import { type Change, type Inputs, ModuleFailure } from '../module.ts'
import { parseStat, setAttributes, statFormat, wantedAttributes } from './attributes.ts'
import { digestFunction, type FileState, type LookOptions, lookAtFile, pathInto, readFile } from './file-look.ts'
import { type PlacedArgs, wantFile } from './placed-file.ts'
import { placementScript, temporaryFor } from './placement.ts'

/** A copy within the host: the target, and what is known of the source. */
export type RemoteCopyState = FileState & {
  readonly source: string
  readonly sourceKind: string
  readonly sourceMode: string
  readonly sourceSha1?: string | undefined
  /** For folders: whether something of the source is missing or different in the target. */
  readonly differs?: boolean | undefined
}

export interface RemoteArgs extends PlacedArgs {
  readonly src: string
  readonly follow: boolean
}

/** Looks at source and target. A folder without a slash at its end goes into the target under its own name. */
export function lookAtCopy(args: RemoteArgs, options: LookOptions): Script {
  const name = args.src.replace(/\/+$/, '').split('/').at(-1)
  const look = lookAtFile(args.dest, { ...options, follow: args.follow, nameInFolder: name })
  return lines(
    digestFunction,
    pathInto('s', args.src),
    sh`export s
[ -e "$s" ] || { printf 'Source %s not found\n' "$s" >&2; exit 1; }
stat -L -c ${statFormat} -- "$s" || exit
if [ -d "$s" ]; then`,
    pathInto('p', args.dest),
    args.src.endsWith('/') ? undefined : sh`p=${script(`\${p%/}`)}/${name ?? ''}`,
    compareTrees,
    sh`printf '%s\n%s' "$s" "$p"
else`,
    sh`digest "$s"
printf '%s' "$s" | od -An -v -tx1 | tr -d ' \n'; echo
(`,
    look,
    sh`)
fi`,
  )
}

/** Says `same` or `differs` for the folders `$s` and `$p`. */
const compareTrees = sh`export p
if [ -d "$p" ] && [ -z "$(cd -- "$s" && {
  find . -type d -exec sh -c 'for f do [ -d "$p/$f" ] || echo d; done' sh {} +
  find . -type f -exec sh -c 'for f do cmp -s -- "$f" "$p/$f" || echo f; done' sh {} +
  find . -type l -exec sh -c 'for f do [ -L "$p/$f" ] && [ "$(readlink -- "$f")" = "$(readlink -- "$p/$f")" ] || echo l; done' sh {} +
} | head -n 1)" ]; then echo same; else echo differs; fi
if [ -e "$p" ]; then stat -L -c ${statFormat} -- "$p"; else echo -; fi
umask`

/** Reads the answer of `lookAtCopy`. */
export function readCopy(output: ScriptResult, options: LookOptions): RemoteCopyState {
  if (output.status !== 0) throw new ModuleFailure(output.stderr.trim() || 'the source cannot be looked at')
  const answer = output.stdout.split('\n')
  const stat = parseStat(answer.shift() ?? '')
  if (stat === undefined) throw new ModuleFailure('the source cannot be looked at')
  const source = { sourceKind: stat.kind, sourceMode: stat.mode }
  if (stat.kind === 'directory') {
    const [verdict, target = '', umask = '', path = '', ...rest] = answer
    return {
      ...source,
      source: path,
      kind: 'absent',
      ...parseStat(target),
      path: rest.join('\n'),
      differs: verdict !== 'same',
      umask: Number.parseInt(umask, 8),
      missingParents: 0,
    }
  }
  const [digest = '', path = '', ...rest] = answer
  return {
    ...readFile({ ...output, stdout: rest.join('\n') }, options),
    ...source,
    source: Buffer.from(path, 'hex').toString(),
    sourceSha1: /^[0-9a-f]{40}/.exec(digest)?.[0],
  }
}

/** What the target shall be like. `mode: preserve` takes the mode of the source. */
export function wantCopy(
  args: RemoteArgs,
  from: RemoteCopyState,
  inputs: Pick<Inputs, 'checkMode'>,
): Partial<RemoteCopyState> {
  const asked = args.mode === 'preserve' ? { ...args, mode: from.sourceMode } : args
  if (from.sourceKind !== 'directory') {
    if (from.sourceSha1 === undefined) throw new ModuleFailure(`Source ${from.source} cannot be read`)
    return wantFile(asked, from, from.sourceSha1, inputs)
  }
  if (from.kind !== 'directory' && from.kind !== 'absent') throw new ModuleFailure(`${from.path} is not a folder`)
  const mode = from.mode === undefined ? 0o777 & ~from.umask : Number.parseInt(from.mode, 8)
  return {
    kind: 'directory',
    ...(args.force || from.kind === 'absent' ? { differs: false } : {}),
    ...wantedAttributes(asked, { mode, isDirectory: true, umask: from.umask }),
  }
}

/** Copies on the host. */
export function changeCopy(args: RemoteArgs, from: RemoteCopyState, to: Partial<RemoteCopyState>): Change {
  const { kind: _, sha1, differs, ...wanted } = to
  const attributes = setAttributes(sh`"$p"`, wanted, from.kind === 'absent' ? undefined : from)
  if (from.sourceKind === 'directory') {
    const owner = wanted.owner ?? wanted.uid
    const group = wanted.group ?? wanted.gid
    return {
      script: lines(
        sh`p=${from.path}`,
        from.differs &&
          sh`mkdir -p -- "$p" && cp -R -P -f ${args.mode === 'preserve' ? ['-p'] : []} -- ${from.source}/. "$p"/ || exit`,
        from.differs && owner !== undefined && sh`chown -R -- ${String(owner)} "$p" || exit`,
        from.differs && group !== undefined && sh`chgrp -R -- ${String(group)} "$p" || exit`,
        attributes,
      ),
    }
  }
  if (from.kind === 'file' && from.sha1 === sha1) return { script: lines(sh`p=${from.path}`, attributes) }
  const temporary = temporaryFor(from, from.sourceSha1 ?? '')
  return {
    script: placementScript({
      from,
      temporary,
      wanted,
      fill: sh`cat -- ${from.source} >"$t"`,
      backup: args.backup,
      validate: args.validate,
      unsafeWrites: args.unsafe_writes,
    }),
  }
}
