import { MlopsError, type Position } from '../errors.ts'

/** A test for names by a shell glob: `*`, `?`, `[abc]`, `[!abc]` (Python's fnmatch). */
export function glob(pattern: string): (name: string) => boolean {
  if (!/[*?[]/.test(pattern)) return name => name === pattern
  let source = ''
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i] ?? ''
    const set = c === '[' ? /^\[(!?)(\]?[^\]]*)\]/.exec(pattern.slice(i)) : null
    if (set) {
      source += `[${set[1] ? '^' : ''}${(set[2] ?? '').replace(/[\\\]^[]/g, '\\$&')}]`
      i += set[0].length - 1
    } else if (c === '*') source += '.*'
    else if (c === '?') source += '.'
    else source += c.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  }
  const regexp = new RegExp(`^(?:${source})$`, 's')
  return name => regexp.test(name)
}

/** A test for names that begin as the regular expression says (Python's `match`). Throws `inventory.pattern`. */
export function regexp(source: string, at?: Position): (name: string) => boolean {
  const flags = /^\(\?([ims]+)\)/.exec(source)
  const body = source.slice(flags?.[0].length ?? 0).replaceAll('(?P<', '(?<')
  try {
    const expression = new RegExp(`^(?:${body})`, flags?.[1] ?? '')
    return name => expression.test(name)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new MlopsError('inventory.pattern', `\`~${source}\` is not a regular expression: ${reason}`, { at, cause })
  }
}
