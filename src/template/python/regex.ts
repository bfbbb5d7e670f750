import { failure, valueFailure } from './fail.ts'

export interface RegexFlags {
  readonly ignoreCase?: boolean
  readonly multiline?: boolean
  readonly dotAll?: boolean
}

/** A Python regular expression as a JavaScript one, searching everywhere. Throws `template.value` for what JavaScript has not. */
export function regex(pattern: string, flags: RegexFlags = {}): RegExp {
  const key = `${flags.ignoreCase ? 'i' : ''}${flags.multiline ? 'm' : ''}${flags.dotAll ? 's' : ''}:${pattern}`
  const known = cache.get(key)
  if (known) {
    known.lastIndex = 0
    return known
  }
  const made = compile(pattern, flags)
  if (cache.size > 1000) cache.clear()
  cache.set(key, made)
  return made
}

/** The text that a Python replacement (`\1`, `\g<name>`, `\n`) gives for a match. */
export function expand(replacement: string, match: RegExpExecArray | RegExpMatchArray): string {
  return replacement.replace(
    /\\(?:g<([^>]+)>|([1-9]\d?)|(0[0-7]{0,2})|([\s\S]))/g,
    (whole, name?: string, digits?: string, octal?: string, char?: string) => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
      if (char !== undefined) return escapes[char] ?? other(char, whole)
      return group(match, name ?? digits ?? '')
    },
  )
}

/** A group by number or name; empty when it took no part. Throws `template.value` for one that is not there. */
export function group(match: RegExpExecArray | RegExpMatchArray, name: string): string {
  if (/^\d+$/.test(name)) {
    if (Number(name) < match.length) return match[Number(name)] ?? ''
  } else if (match.groups && name in match.groups) return match.groups[name] ?? ''
  throw valueFailure(`the pattern has no group ${name}`)
}

/** Python's `re.escape`. */
export function escapeRegex(text: string): string {
  return text.replace(/[\s#&~\-$()*+.?[\\\]^{|}]/g, '\\$&')
}

const cache = new Map<string, RegExp>()

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  f: '\f',
  v: '\v',
  a: '\x07',
  b: '\b',
  '\\': '\\',
}

function other(char: string, whole: string): string {
  if (/[a-zA-Z]/.test(char)) throw valueFailure(`bad escape ${whole} in a replacement`)
  return whole
}

function compile(pattern: string, given: RegexFlags): RegExp {
  const { body, flags, verbose } = inlineFlags(pattern, given)
  const source = translate(body, flags, verbose)
  try {
    return new RegExp(source, `gu${flags.ignoreCase ? 'i' : ''}${flags.multiline ? 'm' : ''}${flags.dotAll ? 's' : ''}`)
  } catch (error) {
    throw failure('value', `the regular expression \`${pattern}\` is not valid`, {
      cause: error,
      hint: error instanceof Error ? error.message.replace(/^.*\/[a-z]*: /, '') : undefined,
    })
  }
}

/** `(?ims)` at the beginning. */
function inlineFlags(pattern: string, given: RegexFlags): { body: string; flags: RegexFlags; verbose: boolean } {
  const match = /^\(\?([aiLmsux]+)\)/.exec(pattern)
  const letters = match?.[1] ?? ''
  return {
    body: pattern.slice(match?.[0].length ?? 0),
    flags: {
      ignoreCase: given.ignoreCase || letters.includes('i'),
      multiline: given.multiline || letters.includes('m'),
      dotAll: given.dotAll || letters.includes('s'),
    },
    verbose: letters.includes('x'),
  }
}

/** Everything that has no other form in JavaScript keeps its own. */
function translate(pattern: string, { multiline }: RegexFlags, verbose: boolean): string {
  let result = ''
  for (let i = 0; i < pattern.length; ) {
    const char = pattern[i] ?? ''
    const rest = pattern.slice(i)
    if (verbose && /\s/.test(char)) i++
    else if (verbose && char === '#') i += /^[^\n]*/.exec(rest)?.[0].length ?? 1
    else if (char === '\\') {
      const piece = /^\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|0[0-7]{0,2}|[1-9]\d?|[\s\S])/.exec(rest)?.[0]
      if (piece === undefined) throw valueFailure('a regular expression cannot end with a backslash')
      result += translateEscape(piece, false)
      i += piece.length
    } else if (char === '[') {
      const end = classEnd(pattern, i)
      result += characterClass(pattern.slice(i + 1, end))
      i = end + 1
    } else if (char === '(') {
      const opening = groupOpening(rest)
      result += opening.text
      i += opening.length
    } else {
      const quantifier = char === '{' ? /^\{\d*,?\d*\}/.exec(rest)?.[0] : undefined
      if (char === '$') result += multiline ? '$' : '(?=\\n?(?![\\s\\S]))'
      else if (quantifier !== undefined && /\d/.test(quantifier)) result += quantifier.replace('{,', '{0,')
      else if (char === '{' || char === '}' || char === ']') result += `\\${char}`
      else result += String.fromCodePoint(pattern.codePointAt(i) ?? 0)
      i +=
        quantifier !== undefined && /\d/.test(quantifier)
          ? quantifier.length
          : (pattern.codePointAt(i) ?? 0) > 0xffff
            ? 2
            : 1
    }
  }
  return result
}

function groupOpening(rest: string): { text: string; length: number } {
  const named = /^\(\?P<(\w+)>/.exec(rest)
  if (named) return { text: `(?<${named[1]}>`, length: named[0].length }
  const again = /^\(\?P=(\w+)\)/.exec(rest)
  if (again) return { text: `\\k<${again[1]}>`, length: again[0].length }
  const comment = /^\(\?#[^)]*\)/.exec(rest)
  if (comment) return { text: '', length: comment[0].length }
  const plain = /^\((?:\?(?::|=|!|<=|<!))?/.exec(rest)?.[0] ?? '('
  if (/^\(\?(?![:=!]|<[=!])/.test(rest)) {
    throw failure('value', `\`${rest.slice(0, 4)}\` in a regular expression is not supported`)
  }
  return { text: plain, length: plain.length }
}

function translateEscape(piece: string, inClass: boolean): string {
  const [, kind = ''] = piece
  switch (kind) {
    case 'A':
      return inClass ? 'A' : '(?<![\\s\\S])'
    case 'Z':
      return inClass ? 'Z' : '(?![\\s\\S])'
    case 'w':
      return inClass ? '\\p{L}\\p{N}_' : '[\\p{L}\\p{N}_]'
    case 'W':
      return inClass ? '\\W' : '[^\\p{L}\\p{N}_]'
    case 'd':
      return '\\p{Nd}'
    case 'D':
      return '\\P{Nd}'
    case 'a':
      return '\\x07'
    case 'b':
      return inClass ? '\\x08' : '\\b'
    case 'U':
      return `\\u{${piece.slice(2)}}`
    case '0':
      return `\\x${Number.parseInt(piece.slice(1), 8).toString(16).padStart(2, '0')}`
    case 'x':
    case 'u':
    case 'n':
    case 'r':
    case 't':
    case 'f':
    case 'v':
    case 's':
    case 'S':
    case 'B':
      return piece
  }
  if (/\d/.test(kind)) return piece
  if (/[a-zA-Z]/.test(kind)) throw valueFailure(`bad escape ${piece} in a regular expression`)
  return /[\^$\\.*+?()[\]{}|/]/.test(kind) || (inClass && kind === '-') ? piece : kind
}

function classEnd(pattern: string, start: number): number {
  let i = start + 1
  if (pattern[i] === '^') i++
  if (pattern[i] === ']') i++
  for (; i < pattern.length; i++) {
    if (pattern[i] === '\\') i++
    else if (pattern[i] === ']') return i
  }
  throw valueFailure('a `[` in a regular expression is not closed')
}

function characterClass(content: string): string {
  const negated = content.startsWith('^')
  const body = (negated ? content.slice(1) : content).replace(
    /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[\s\S])|[[\]]/g,
    piece => (piece.length === 1 ? `\\${piece}` : translateEscape(piece, true)),
  )
  return `[${negated ? '^' : ''}${body.replace(/(\\p\{\w+\}|\\[wWsSdD])-(?=.)/g, '$1\\-')}]`
}
