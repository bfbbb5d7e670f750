import { simpleEscapes } from '../../schema/python-text.ts'
import { ModuleFailure } from '../module.ts'

export interface RegexOptions {
  readonly multiline?: boolean
  readonly dotAll?: boolean
  /** Found only at the very beginning, as with `re.match`. */
  readonly anchored?: boolean
  /** Letters and digits are those of ASCII, as in expressions for bytes. */
  readonly ascii?: boolean
}

/** Compiles a regular expression in Python's syntax. Throws `ModuleFailure` for what cannot be read, or has no counterpart. */
export function pythonRegex(
  source: string,
  { multiline = false, dotAll = false, anchored = false, ascii = false }: RegexOptions = {},
): RegExp {
  try {
    const { pattern, ignoreCase } = translate(source, { multiline, dotAll, ascii })
    return new RegExp(anchored ? `(?<![\\s\\S])(?:${pattern})` : pattern, ignoreCase ? 'dgiu' : 'dgu')
  } catch (error) {
    if (error instanceof ModuleFailure) throw error
    throw new ModuleFailure(`invalid regular expression ${JSON.stringify(source)}: ${message(error)}`)
  }
}

/** The first match in `text`. */
export function search(regex: RegExp, text: string): RegExpExecArray | undefined {
  regex.lastIndex = 0
  return regex.exec(text) ?? undefined
}

/** Opens `\1`, `\g<name>`, `\n` … in a replacement. Other escapes of letters are refused, as in Python. */
export function expand(template: string, match: RegExpExecArray): string {
  return template.replace(/\\(?:g<(\w+)>|([1-9]\d?)|(.))/gs, (whole, name?: string, digits?: string, char?: string) => {
    if (name !== undefined) return group(match, name)
    if (digits !== undefined) return group(match, digits)
    if (char !== undefined && Object.hasOwn(ESCAPES, char)) return ESCAPES[char] ?? ''
    if (char !== undefined && /[A-Za-z]/.test(char))
      throw new ModuleFailure(`bad escape ${whole} in ${JSON.stringify(template)}`)
    return whole
  })
}

/** Refuses a replacement that names groups which the expression does not have. */
export function checkReplacement(template: string, regex: RegExp): void {
  const groups = new RegExp(`${regex.source}|`, 'u').exec('')
  if (groups !== null) expand(template, groups)
}

/** Quotes mean nothing here, but a NUL does. */
const ESCAPES: Readonly<Record<string, string>> = Object.fromEntries([
  ...Object.entries(simpleEscapes).filter(([char]) => !/['"]/.test(char)),
  ['0', '\0'],
])

function group(match: RegExpExecArray, name: string): string {
  const number = Number(name)
  const known = Number.isInteger(number) ? number < match.length : Object.hasOwn(match.groups ?? {}, name)
  if (!known) throw new ModuleFailure(`invalid group reference ${name}`)
  return (Number.isInteger(number) ? match[number] : match.groups?.[name]) ?? ''
}

interface Flags {
  multiline: boolean
  dotAll: boolean
  ascii: boolean
  ignoreCase?: boolean
  verbose?: boolean
}

type Rule = readonly [token: RegExp, translated: (found: readonly string[], flags: Flags) => string]

/** Python's `^`, `$` and `.` know only `\n` as the end of a line; written out, so that JavaScript's wider idea does not count. */
const rules: readonly Rule[] = [
  [/^\\(0[0-7]{0,2}|[1-3][0-7]{2})/, ([, digits = '']) => `\\u{${Number.parseInt(digits, 8).toString(16)}}`],
  [/^\\([\s\S])/, ([, char = ''], { ascii }) => escaped(char, ascii ? asciiSets : sets)],
  [
    /^\[(\^?)(\]?(?:\\[\s\S]|[^\]\\])*)\]/,
    ([, not = '', inner = ''], { ascii }) => characterClass(not, inner, ascii ? asciiSets : sets),
  ],
  [/^\(\?#[^)]*\)/, () => ''],
  [/^\(\?P<(\w+)>/, ([, name]) => `(?<${name}>`],
  [/^\(\?P=(\w+)\)/, ([, name]) => `\\k<${name}>`],
  [/^\(\?([aiLmsux-]+:|>|\()/, ([whole]) => refuse(`${whole} has no counterpart here`)],
  [/^\{,(\d+)\}/, ([, most]) => `{0,${most}}`],
  [/^\{\d+(,\d*)?\}/, ([whole = '']) => whole],
  [/^[{}\]]/, ([char]) => `\\${char}`],
  [/^\^/, (_, { multiline }) => (multiline ? '(?<![^\\n])' : '(?<![\\s\\S])')],
  [/^\$/, (_, { multiline }) => (multiline ? '(?![^\\n])' : '(?=\\n?(?![\\s\\S]))')],
  [/^\./, (_, { dotAll }) => (dotAll ? '[\\s\\S]' : '[^\\n]')],
  [/^[\s\S]/, ([char = '']) => char],
]

const verboseRule: Rule = [/^(\s+|#[^\n]*)/, () => '']

function translate(source: string, given: Flags): { pattern: string; ignoreCase: boolean } {
  const leading = /^\(\?([aiLmsux]+)\)/.exec(source)
  const flags = withLetters(given, leading?.[1] ?? '')
  const inForce = flags.verbose ? [verboseRule, ...rules] : rules
  let rest = source.slice(leading?.[0].length ?? 0)
  let pattern = ''
  while (rest !== '') {
    for (const [token, translated] of inForce) {
      const found = token.exec(rest)
      if (found === null) continue
      pattern += translated(found, flags)
      rest = rest.slice(found[0].length)
      break
    }
  }
  return { pattern, ignoreCase: flags.ignoreCase === true }
}

function refuse(why: string): never {
  throw new Error(why)
}

function withLetters(flags: Flags, letters: string): Flags {
  return {
    multiline: flags.multiline || letters.includes('m'),
    dotAll: flags.dotAll || letters.includes('s'),
    ascii: flags.ascii || letters.includes('a'),
    ignoreCase: letters.includes('i'),
    verbose: letters.includes('x'),
  }
}

/** What `\w`, `\d` and `\s` stand for within brackets. */
type Sets = Readonly<Record<'w' | 'd' | 's', string>>

const sets: Sets = { w: '\\p{L}\\p{N}_', d: '\\p{Nd}', s: '\\t-\\r\\x1c-\\x1f\\x85\\p{Z}' }
const asciiSets: Sets = { w: 'A-Za-z0-9_', d: '0-9', s: '\\t-\\r ' }

function escaped(char: string, { w, d, s }: Sets): string {
  switch (char) {
    case 'A':
      return '(?<![\\s\\S])'
    case 'Z':
      return '(?![\\s\\S])'
    case 'b':
      return `(?:(?<=[${w}])(?![${w}])|(?<![${w}])(?=[${w}]))`
    case 'B':
      return `(?:(?<=[${w}])(?=[${w}])|(?<![${w}])(?![${w}]))`
    case 'w':
    case 'd':
    case 's':
      return `[${{ w, d, s }[char]}]`
    case 'W':
      return `[^${w}]`
    case 'D':
      return `[^${d}]`
    case 'S':
      return `[^${s}]`
    default:
      return letter(char)
  }
}

/** An escaped character that is the same within brackets and outside. */
function letter(char: string): string {
  if (char === 'a') return '\\x07'
  if (/[A-Za-z]/.test(char) && !/[fnrtvxu]/.test(char)) refuse(`bad escape \\${char}`)
  return /[A-Za-z0-9^$\\.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char
}

function characterClass(not: string, inner: string, { w, d, s }: Sets): string {
  const leading = inner.startsWith(']') ? '\\]' : ''
  const rest = inner.slice(leading ? 1 : 0).replaceAll(/\\([\s\S])(-?)/g, (_, char: string, dash: string) => {
    if (/[wds]/.test(char)) return `${{ w, d, s }[char]}${dash && '\\-'}` // no range begins with a set
    if (/[WDS]/.test(char)) return `${char === 'D' ? `\\P{Nd}` : `\\${char}`}${dash && '\\-'}`
    if (char === 'b') return `\\x08${dash}`
    return `${char === '-' ? '\\-' : char === '0' ? '\\x00' : letter(char)}${dash}`
  })
  return `[${not}${leading}${rest}]`
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
