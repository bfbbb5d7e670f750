/** A regular expression for a file name's pattern: `*`, `?`, `[abc]`, `[!abc]`. */
export function globPattern(pattern: string): RegExp {
  let source = ''
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? ''
    const end = char === '[' ? pattern.indexOf(']', i + 2) : -1
    if (char === '*') source += '.*'
    else if (char === '?') source += '.'
    else if (end !== -1) {
      const set = pattern.slice(i + 1, end).replaceAll('\\', '\\\\')
      source += `[${set.startsWith('!') ? `^${set.slice(1)}` : set}]`
      i = end
    } else source += char.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  }
  return new RegExp(`^${source}$`, 's')
}
