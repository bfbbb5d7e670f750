import { createHash } from 'node:crypto'
import type { ScriptResult } from '../../connection/connection.ts'
import { hasArrived } from '../../shell/arrived.ts'
import { lines, type Script, script, sh } from '../../shell/sh.ts'
import { pathWord } from '../../shell/words.ts'
import { ModuleFailure } from '../module.ts'
import { type Attributes, parseStat, statFormat } from './attributes.ts'

/** What a look tells of any path. `path` is absolute, with `~` and followed links resolved. */
export type SeenPath = {
  readonly path: string
  readonly kind: Attributes['kind'] | 'absent'
  readonly mode?: string | undefined
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly size?: number | undefined
  readonly umask: number
  /** How many of the folders above it are missing. */
  readonly missingParents: number
}

/** A file as a look sees it. */
export type FileState = SeenPath & {
  /** SHA-1 in hex; undefined for what is not a readable file. */
  readonly sha1?: string | undefined
  /** The bytes in base64, when they were asked for. */
  readonly content?: string | undefined
}

export interface LookOptions {
  /** A link is looked through. */
  readonly follow?: boolean
  /** Inside a folder, this name is meant. */
  readonly nameInFolder?: string | undefined
  /** A link that leads to a folder is that folder. */
  readonly folderLinks?: boolean
  /** Reads the content: always, or up to a size in bytes. */
  readonly content?: boolean | number
}

/** Content larger than this is not shown in diffs. */
export const SHOWN_BYTES = 100_000

/** Puts a path into the shell variable `p`, absolute. */
export function pathInto(variable: 'p' | 's', path: string): Script {
  const bare = path.length > 1 ? path.replace(/\/+$/, '') || '/' : path
  const into = script(variable)
  if (bare.startsWith('/') || bare.startsWith('~')) return sh`${into}=${pathWord(bare)}`
  return sh`${into}=${pathWord(bare)}; case $${into} in /*) ;; *) ${into}=$PWD/$${into} ;; esac`
}

/** Puts what a link in `p` leads to into `p`, also where its folder is missing. A link to itself stays. */
export const throughLink = sh`if [ -L "$p" ]; then
  r=$(readlink -f -- "$p")
  if [ -n "$r" ]; then p=$r
  else
    n=0
    while [ -L "$p" ] && [ $n -lt 40 ]; do
      n=$((n + 1)); r=$(readlink -- "$p")
      case $r in /*) p=$r ;; *) p=${script(`\${p%/*}`)}/$r ;; esac
    done
  fi
fi`

/** Shell function `digest FILE`: the SHA-1 of a file as the first word, or `-`. */
export const digestFunction = sh`digest() {
  if ! [ -f "$1" ] || ! [ -r "$1" ]; then echo -
  elif ${hasArrived}; then echo ${script(`"\${d%% *}"`)}
  elif command -v sha1sum >/dev/null 2>&1; then sha1sum <"$1"
  elif command -v openssl >/dev/null 2>&1; then openssl dgst -sha1 -r <"$1"
  elif command -v shasum >/dev/null 2>&1; then shasum -a 1 <"$1"
  else echo 'no tool for SHA-1 here: sha1sum, openssl or shasum is needed' >&2; exit 1; fi
}`

/** Shell function `content FILE`: the bytes as one line of base64 behind `b`, or of hex behind `x`. */
export const contentFunction = sh`content() {
  if command -v base64 >/dev/null 2>&1; then printf b; base64 -w 0 <"$1" 2>/dev/null || base64 <"$1" | tr -d '\n'
  else printf x; od -An -v -tx1 <"$1" | tr -d ' \n'; fi
  echo
}`

/** Shell function `line TEXT`: any text on one line, as it is behind `=`, or as hex behind `x` where it has line breaks. */
export const lineFunction = sh`line() {
  case $1 in
    *'
'*) printf x; printf %s "$1" | od -An -v -tx1 | tr -d ' \n'; echo ;;
    *) printf '=%s\n' "$1" ;;
  esac
}`

/** Reads what `line` of the shell printed. */
export function unlined(line: string): string {
  return line.startsWith('x') ? Buffer.from(line.slice(1), 'hex').toString() : line.slice(1)
}

const BARE = script(`\${p%/}`)

/** Looks at one file; `readFile` reads the answer. */
export function lookAtFile(
  path: string,
  { follow = false, nameInFolder, folderLinks = false, content = false }: LookOptions = {},
): Script {
  const inFolder = path.endsWith('/') && nameInFolder !== undefined ? sh`p=${BARE}/${nameInFolder}` : undefined
  const limit = typeof content === 'number' ? sh` && [ "$(wc -c <"$p")" -le ${content} ]` : script('')
  return lines(
    content !== true && digestFunction,
    content !== false && contentFunction,
    pathInto('p', path),
    inFolder ?? (nameInFolder !== undefined && sh`if [ -d "$p" ]; then p=${BARE}/${nameInFolder}; fi`),
    follow ? throughLink : folderLinks && sh`if [ -d "$p" ]; then ${throughLink}; fi`,
    sh`umask
if [ -e "$p" ] || [ -L "$p" ]; then stat -c ${statFormat} -- "$p" || exit; else echo -; fi
n=0; a=$p
while a=${script(`\${a%/*}`)}; ! [ -d "$a/" ]; do n=$((n + 1)); done
echo $n`,
    // of what is read whole, the digest is made here
    content !== true && sh`if [ -L "$p" ]; then echo -; else digest "$p"; fi`,
    content !== false && sh`if [ -f "$p" ] && [ -r "$p" ]${limit}; then content "$p"; else echo -; fi`,
    sh`printf '%s' "$p"`,
  )
}

/** Reads the answer of `lookAtFile` with the same options. */
export function readFile(output: ScriptResult, { content = false }: LookOptions = {}): FileState {
  if (output.status !== 0) throw new ModuleFailure(output.stderr.trim() || 'the file cannot be looked at')
  const answer = output.stdout.split('\n')
  const [umask = '', stat = '', missing] = answer.splice(0, 3)
  const digest = content === true ? '-' : (answer.shift() ?? '')
  const bytes = content === false ? undefined : decoded(answer.shift() ?? '-')
  const attributes = parseStat(stat)
  const sha1 =
    bytes && content === true && attributes?.kind === 'file' ? sha1Of(bytes) : /^[0-9a-f]{40}/.exec(digest)?.[0]
  return {
    path: answer.join('\n'),
    kind: 'absent',
    ...attributes,
    ...(sha1 === undefined ? {} : { sha1 }),
    ...(bytes === undefined ? {} : { content: bytes.toString('base64') }),
    umask: Number.parseInt(umask, 8) || 0,
    missingParents: Number(missing),
  }
}

/** Bytes as `content` of the shell writes them; undefined for `-`. */
export function decoded(text: string): Buffer | undefined {
  if (text.startsWith('b')) return Buffer.from(text.slice(1), 'base64')
  if (text.startsWith('x')) return Buffer.from(text.slice(1), 'hex')
  return undefined
}

/** SHA-1 in hex. */
export function sha1Of(content: Uint8Array | string): string {
  return createHash('sha1').update(content).digest('hex')
}

/** The path that many folders further up. */
export function ancestor(path: string, levels: number): string {
  let folder = path
  for (let i = 0; i < levels; i++) folder = folder.slice(0, folder.lastIndexOf('/'))
  return folder === '' ? '/' : folder
}

/** A file that is not there, for want of a look. */
export const absentFile: FileState = { path: '', kind: 'absent', umask: 0o022, missingParents: 0 }
