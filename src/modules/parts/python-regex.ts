import { simpleEscapes } from '../../schema/python-text.ts'
import { ModuleFailure } from '../module.ts'

/** Compiles a regular expression in Python's syntax. Throws `ModuleFailure` for what cannot be read, or has no counterpart. */
export function pythonRegex(source: string, { multiline = false, dotAll = false } = {}): RegExp {
  try {
    const { pattern, ignoreCase } = translate(source, { multiline, dotAll })
    return new RegExp(pattern, ignoreCase ? 'dgi' : 'dg')
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
  ignoreCase?: boolean
  verbose?: boolean
}

type Rule = readonly [token: RegExp, translated: (found: readonly string[], flags: Flags) => string]

/** Python's `^`, `$` and `.` know only `\n` as the end of a line; written out, so that JavaScript's wider idea does not count. */
const rules: readonly Rule[] = [
  [/^\\([\s\S])/, ([, char = '']) => escaped(char)],
  [/^\[(\^?)(\]?(?:\\[\s\S]|[^\]\\])*)\]/, ([, not = '', inner = '']) => characterClass(not, inner)],
  [/^\(\?#[^)]*\)/, () => ''],
  [/^\(\?P<(\w+)>/, ([, name]) => `(?<${name}>`],
  [/^\(\?P=(\w+)\)/, ([, name]) => `\\k<${name}>`],
  [/^\(\?([aiLmsux-]+:|>|\()/, ([whole]) => refuse(`${whole} has no counterpart here`)],
  [/^\{,(\d+)\}/, ([, most]) => `{0,${most}}`],
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
    ignoreCase: letters.includes('i'),
    verbose: letters.includes('x'),
  }
}

function escaped(char: string): string {
  switch (char) {
    case 'A':
      return '(?<![\\s\\S])'
    case 'Z':
      return '(?![\\s\\S])'
    case 'a':
      return '\\x07'
    case '0':
      return '\\x00'
    default:
      if (/[A-Za-z]/.test(char) && !/[bBdDsSwWfnrtvxu]/.test(char)) refuse(`bad escape \\${char}`)
      return `\\${char}`
  }
}

function characterClass(not: string, inner: string): string {
  const leading = inner.startsWith(']') ? '\\]' : ''
  return `[${not}${leading}${inner.slice(leading ? 1 : 0).replaceAll('\\a', '\\x07')}]`
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
