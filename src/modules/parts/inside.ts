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
 * understand `u=rwX` differently; a mode that results is never one that is changed again.
 */
export function adoptStrangers(lines: readonly string[], args: AttributeArgs, umask: number): readonly Script[] {
  const modes = new Map<string, Script>()
  const results = new Set<string>()
  for (const line of lines) {
    const is = parseStat(line)
    const { mode } = wanted(line, args, umask)
    if (is === undefined || mode === undefined) continue
    results.add(mode)
    const type = is.kind === 'directory' ? sh`-type d` : sh`! -type d ! -type l`
    if (mode !== is.mode) modes.set(`${type.text} ${is.mode}`, changeMode(sh`-depth ${type} -perm ${is.mode}`, mode))
  }
  const who = args.group === undefined ? args.owner : `${args.owner ?? ''}:${args.group}`
  if (who === undefined) return [...modes.values()]
  // A new owner takes the set-id bits of files away: one mode that is meant for all is set again.
  const [only = '0000', ...others] = results
  const again = others.length === 0 && !only.startsWith('0') ? [changeMode(sh`! -type l ! -perm ${only}`, only)] : []
  return [...modes.values(), sh`chown -R -h -- ${who} "$p" || exit`, ...again]
}

function changeMode(found: Script, mode: string): Script {
  return sh`find "$p" ${found} -exec chmod ${`0${mode}`} {} + || exit`
}

function wanted(line: string, args: AttributeArgs, umask: number): WantedAttributes {
  const is = parseStat(line)
  if (is === undefined) return {}
  const base = { mode: Number.parseInt(is.mode, 8), isDirectory: is.kind === 'directory', umask }
  return wantedAttributes(is.kind === 'link' ? { ...args, mode: undefined } : args, base)
}
