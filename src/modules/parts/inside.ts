import { type Script, sh } from '../../shell/sh.ts'
import { type AttributeArgs, parseStat, type WantedAttributes, wantedAttributes } from './attributes.ts'

/** The combinations of attributes in a tree (lines of `stat`, each once) that are not as the arguments want them. */
export function strangers(seen: readonly string[], args: AttributeArgs, umask: number): readonly string[] {
  return seen.filter(line => {
    const is = parseStat(line)
    return (
      is !== undefined &&
      Object.entries(wanted(line, args, umask)).some(([key, value]) => Reflect.get(is, key) !== value)
    )
  })
}

/**
 * Sets the attributes of a tree. Links get the owner themselves. Modes are set by what is there, as BusyBox and GNU
 * understand `u=rwX` differently; a mode that results is never one that is changed again. A new owner takes the set-id
 * bits of files away, so the mode of each is set behind its owner.
 */
export function adoptStrangers(lines: readonly string[], args: AttributeArgs, umask: number): readonly Script[] {
  const who = args.group === undefined ? args.owner : `${args.owner ?? ''}:${args.group}`
  if (args.mode === undefined) return who === undefined ? [] : [sh`chown -R -h -- ${who} "$p" || exit`]
  const steps = new Map<string, Script>()
  for (const line of lines) {
    const is = parseStat(line)
    if (is === undefined) continue
    const { mode } = wanted(line, args, umask)
    const which = is.kind === 'link' ? sh`-type l` : is.kind === 'directory' ? sh`-type d` : sh`! -type d ! -type l`
    const found = is.kind === 'link' ? which : sh`${which} -perm ${is.mode}`
    if (mode === undefined && who === undefined) continue
    steps.set(found.text, sh`find "$p" -depth ${found} -exec ${adopt(mode, who)} {} + || exit`)
  }
  return [...steps.values()]
}

function adopt(mode: string | undefined, who: string | undefined): Script {
  if (who === undefined) return sh`chmod ${`0${mode}`}`
  if (mode === undefined) return sh`chown -h -- ${who}`
  return sh`sh -c 'who=$1; shift; chown -h -- "$who" "$@" && chmod "$0" "$@"' ${`0${mode}`} ${who}`
}

function wanted(line: string, args: AttributeArgs, umask: number): WantedAttributes {
  const is = parseStat(line)
  if (is === undefined) return {}
  const base = { mode: Number.parseInt(is.mode, 8), isDirectory: is.kind === 'directory', umask }
  return wantedAttributes(is.kind === 'link' ? { ...args, mode: undefined } : args, base)
}
