import type { ScriptResult } from '../../connection/connection.ts'
import { lines, type Script, script, sh } from '../../shell/sh.ts'
import { pathWord } from '../../shell/words.ts'
import { ModuleFailure } from '../module.ts'
import { type AttributeArgs, type Attributes, parseStat, statFormat } from './attributes.ts'
import { lineFunction, pathInto, type SeenPath, throughLink, unlined } from './file-look.ts'
import { strangers } from './inside.ts'

/** Whatever is at a path, as `file` sees it. */
export type PathState = SeenPath & {
  /** Device and inode: equal for hard links. */
  readonly inode?: string | undefined
  /** When it was read and written last: seconds since 1970, and as fine as the host tells. */
  readonly accessed?: string | undefined
  readonly modified?: string | undefined
  /** Where a link points. */
  readonly target?: string | undefined
  /** What `src` says, with `~` and variables opened. */
  readonly named?: string | undefined
  /** What `src` names, seen through links; for a link without `src`, what it points to. */
  readonly source?: Partial<Attributes> | undefined
  readonly sourceInode?: string | undefined
  /** Whether a folder that a link shall replace has nothing in it. */
  readonly isEmpty?: boolean | undefined
  /** Combinations of attributes in the tree that are not as wanted. */
  readonly strangers?: readonly string[] | undefined
  /** Times of the arguments, as seconds since 1970. */
  readonly wantedTimes?: readonly string[] | undefined
}

export interface PathLook {
  readonly path: string
  /** A link is looked through. */
  readonly follow: boolean
  readonly src?: string | undefined
  /** Inside a folder, the last name of `src` is meant. */
  readonly intoFolder: boolean
  /** The attributes that everything in a folder shall have. */
  readonly recurse?: AttributeArgs | undefined
  /** Times as `2024-01-31 13:05:00`, in the time zone of the host. */
  readonly times: readonly string[]
}

/** Looks at a path, and at the source of a link. Nothing that may hold line breaks stands bare in the answer. */
export function lookAtPath({ path, follow, src, intoFolder, recurse, times }: PathLook): Script {
  return lines(
    pathInto('p', path),
    follow && throughLink,
    intoFolder && src !== undefined && sh`if [ -d "$p" ]; then o=${pathWord(src)}; p=$p/${script(`\${o##*/}`)}; fi`,
    sourceInto(src),
    lineFunction,
    sh`umask
n=0; a=$p
while a=${script(`\${a%/*}`)}; ! [ -d "$a/" ]; do n=$((n + 1)); done
echo $n
line "$p"
line "$o"
if [ -e "$p" ] || [ -L "$p" ]; then
  # times are those of what a link leads to
  if [ -L "$p" ]; then
    stat -c ${statFormat} -- "$p" || exit
    i=$(stat -c %d:%i -- "$p"); stat -L -c "$i|%X|%Y|%x|%y" -- "$p" 2>/dev/null || echo "$i"
  else stat -c ${`${statFormat}\n%d:%i|%X|%Y|%x|%y`} -- "$p" || exit; fi
  if [ -L "$p" ]; then v=$(readlink -- "$p"; echo x); line "\${v%??}"; else echo -; fi
  if ${src === undefined ? script('false') : sh`[ -d "$p" ] && [ -z "$(ls -A -- "$p")" ]`}; then echo empty; else echo -; fi
else printf -- '-\n-\n-\n-\n'; fi
if [ -n "$s" ] && [ -e "$s" ]; then stat -L -c ${statFormat} -- "$s"; stat -c '%d:%i' -- "$s"; else printf -- '-\n-\n'; fi`,
    ...times.map(time => sh`date -d ${time} +%s || exit`),
    recurse && sh`if [ -d "$p" ]; then find "$p" -exec stat -c ${statFormat.replace('%s', '0')} -- {} + | sort -u; fi`,
  )
}

/** What `src` says into `o`, and the path that it names from the folder of the link into `s`; without `src`, the link itself. */
function sourceInto(src: string | undefined): Script {
  if (src === undefined) return sh`o=; s=; [ ! -L "$p" ] || s=$p`
  return sh`o=${pathWord(src)}; case $o in /*) s=$o ;; *) s=${script(`\${p%/*}`)}/$o ;; esac`
}

/** Reads the answer of `lookAtPath`. */
export function readPath(output: ScriptResult, { recurse, times }: PathLook): PathState {
  if (output.status !== 0) throw new ModuleFailure(output.stderr.trim() || 'the path cannot be looked at')
  const answer = output.stdout.split('\n')
  const [umask = '', missing, path = '', named = '', stat = '', more = '', target = '-', empty, source = ''] =
    answer.splice(0, 9)
  const [sourceInode = '-'] = answer.splice(0, 1)
  const [inode, atime, mtime, accessed = '', modified = ''] = more.split('|')
  const attributes = parseStat(stat)
  return {
    path: unlined(path),
    kind: 'absent',
    ...attributes,
    umask: Number.parseInt(umask, 8) || 0,
    missingParents: Number(missing),
    ...(attributes === undefined ? {} : { inode, accessed: stamp(atime, accessed), modified: stamp(mtime, modified) }),
    target: target === '-' ? undefined : unlined(target),
    named: unlined(named) || undefined,
    source: parseStat(source),
    sourceInode: sourceInode === '-' ? undefined : sourceInode,
    isEmpty: empty === 'empty',
    wantedTimes: answer.splice(0, times.length),
    ...(recurse === undefined ? {} : { strangers: strangers(answer, recurse, Number.parseInt(umask, 8) || 0) }),
  }
}

/** Seconds, then the fraction where there is one: `1700000000.123456789`. */
function stamp(seconds: string | undefined, human: string): string | undefined {
  return seconds && `${seconds}${/\.\d+/.exec(human)?.[0] ?? ''}`
}
