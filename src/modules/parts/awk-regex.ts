import { ModuleFailure } from '../module.ts'

/** A regular expression for awk on the host. */
export interface AwkRegex {
  readonly pattern: string
  readonly ignoreCase: boolean
}

const classes: Readonly<Record<string, string>> = { d: '0-9', w: 'A-Za-z0-9_', s: ' \\t\\r\\n\\f\\v' }
const characters: Readonly<Record<string, string>> = { n: '\\n', r: '\\r', t: '\\t', f: '\\f', v: '\\v', a: '\\007' }

/** Python's syntax in that of awk (POSIX, extended). Throws `ModuleFailure` for what has no counterpart there. */
export function awkRegex(source: string): AwkRegex {
  const flags = /^\(\?([ims]+)\)/.exec(source)
  let rest = flags ? source.slice(flags[0].length) : source
  let pattern = ''
  while (rest !== '') {
    const [taken, text] = next(rest, source)
    pattern += text
    rest = rest.slice(taken)
  }
  return { pattern, ignoreCase: flags?.[1]?.includes('i') === true }
}

/** How many characters the first part takes, and what it is for awk. */
function next(rest: string, whole: string): [number, string] {
  const refuse = (what: string) =>
    new ModuleFailure(`${what} in the expected text ${JSON.stringify(whole)} is not supported: it is sought with awk`)
  const group = /^\(\?(?::|P<\w+>)/.exec(rest)
  if (group) return [group[0].length, '(']
  if (rest.startsWith('(?')) throw refuse(`\`${rest.slice(0, 3)}\``)
  const lazy = /^([*+?])\?/.exec(rest)
  if (lazy) return [2, lazy[1] ?? '']
  if (/^\{\d*,?\d*\}/.test(rest) && !rest.startsWith('{}')) throw refuse('a repeat count')
  if (rest.startsWith('{') || rest.startsWith('}')) return [1, `[${rest.charAt(0)}]`]
  if (rest.startsWith('[')) return bracket(rest, refuse)
  if (!rest.startsWith('\\')) return [1, rest.charAt(0)]
  const escaped = rest.charAt(1)
  const inside = classes[escaped.toLowerCase()]
  if (inside !== undefined) return [2, escaped === escaped.toLowerCase() ? `[${inside}]` : `[^${inside}]`]
  if (escaped === 'A') return [2, '^']
  if (escaped === 'Z') return [2, '$']
  if (characters[escaped] !== undefined) return [2, characters[escaped] ?? '']
  if (/[A-Za-z0-9]/.test(escaped) || escaped === '') throw refuse(`\`\\${escaped}\``)
  return [2, /[\^\\]/.test(escaped) ? `\\${escaped}` : `[${escaped}]`]
}

function bracket(rest: string, refuse: (what: string) => ModuleFailure): [number, string] {
  const found = /^\[(\^?)(\]?(?:\\.|[^\]\\])*)\]/s.exec(rest)
  if (found === null) throw refuse('a `[` that is not closed')
  const inner = (found[2] ?? '').replace(/\\(.)/gs, (_, escaped: string) => {
    if (/[DWSbB0-9]/.test(escaped)) throw refuse(`\`\\${escaped}\` in brackets`)
    return classes[escaped] ?? characters[escaped] ?? `\\${escaped}`
  })
  return [found[0].length, `[${found[1]}${inner}]`]
}
