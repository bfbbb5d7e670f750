import { lines, type Script, script, sh } from '../../shell/sh.ts'
import { setAttributes } from './attributes.ts'
import { ancestor, sha1Of } from './file-look.ts'
import { adoptStrangers } from './inside.ts'
import type { PathArgs } from './path-args.ts'
import type { PathState } from './path-look.ts'
import { touchTime } from './touch-time.ts'

/** Makes the kind, then sets the attributes. */
export function bring(args: PathArgs, from: PathState, to: Partial<PathState>): (Script | undefined)[] {
  const target = script('"$p"')
  if (to.kind === 'absent') return [sh`rm -rf -- "$p"`]
  if (to.kind === 'directory' && from.kind === 'absent') {
    const levels = Array.from({ length: from.missingParents + 1 }, (_, i) =>
      ancestor(from.path, from.missingParents - i),
    )
    return levels.flatMap(folder => [sh`mkdir -p -- ${folder} || exit`, orExit(setAttributes(sh`${folder}`, to))])
  }
  if (to.kind === 'link') {
    const differs = from.kind !== 'link' || from.target !== to.target
    return [
      differs ? replaceBy(from, sh`ln -s -- ${to.target ?? ''} "$t"`) : undefined,
      orExit(linkAttributes(args, from, to)),
    ]
  }
  if (to.inode !== undefined && to.inode !== from.inode) {
    return [sourcePath(from), replaceBy(from, sh`ln -- "$s" "$t"`), orExit(setAttributes(target, to, from.source))]
  }
  if (to.kind === 'file' && from.kind === 'absent')
    return [sh`touch -- "$p" || exit`, orExit(setAttributes(target, to))]
  if (args.recurse) return [...adoptStrangers(from.strangers ?? [], args, from.umask)]
  return [orExit(setAttributes(target, to, from))]
}

/** A link is made under a hidden name and takes its place in one step; an empty folder has to go first. */
function replaceBy(from: PathState, make: Script): Script {
  const folder = ancestor(from.path, 1)
  const temporary = `${folder === '/' ? '' : folder}/.mlops-${sha1Of(from.path)}.tmp`
  return lines(
    sh`t=${temporary}; rm -f -- "$t"; ${make} || exit`,
    from.kind === 'directory' && sh`rmdir -- "$p" || exit`,
    // A link to a folder would be entered by mv.
    from.kind === 'link' && sh`rm -f -- "$p"`,
    sh`mv -f -- "$t" "$p" || { rm -f -- "$t"; exit 1; }`,
  )
}

function sourcePath({ path, named = '' }: PathState): Script {
  return named.startsWith('/') ? sh`s=${named}` : sh`s=${`${ancestor(path, 1)}/${named}`}`
}

/** With `follow`, the attributes are those of what the link points to. */
function linkAttributes({ follow }: PathArgs, from: PathState, to: Partial<PathState>): Script | undefined {
  if (!follow) return setAttributes(script('"$p"'), to, { ...(from.kind === 'link' ? from : {}), kind: 'link' })
  return to.source === undefined ? undefined : setAttributes(script('"$p"'), to.source, from.source)
}

/** Sets the times that are asked for. */
export function touch(
  { access_time, modification_time }: PathArgs,
  from: PathState,
  to: Partial<PathState>,
): (Script | undefined)[] {
  const one = (letter: string, wanted: string | undefined, is: string | undefined, time: string | undefined) => {
    if (wanted === undefined || (is !== undefined && sameTime(is, wanted))) return undefined
    const stamp = touchTime(time)?.stamp
    return sh`touch -c ${letter} ${stamp === undefined ? [] : ['-t', stamp]} -- "$p" || exit`
  }
  // what another link led to is no matter
  const { accessed, modified }: Partial<PathState> = to.kind === 'link' && from.target !== to.target ? {} : from
  return [one('-a', to.accessed, accessed, access_time), one('-m', to.modified, modified, modification_time)]
}

/** `not …` is any other time than the one that was seen; a plain number compares whole seconds. */
export function sameTime(is: string | undefined, want: string | undefined): boolean {
  if (want?.startsWith('not ')) return is !== want.slice(4)
  return is?.split('.')[0] === want
}

function orExit(commands: Script | undefined): Script | undefined {
  return commands && sh`{ ${commands}; } || exit`
}
