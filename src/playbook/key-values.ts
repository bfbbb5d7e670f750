import { openEscapes } from '../template/language/escapes.ts'

/** One blank-separated piece of free text, with the blanks behind it. */
interface Piece {
  readonly text: string
  readonly gap: string
}

/** `key=value` pairs of a text, and what was left over. */
export interface KeyValues {
  readonly pairs: ReadonlyMap<string, string>
  /** Text that belongs to no pair, with its own blanks and newlines; '' for none. */
  readonly rest: string
}

/** Options that are pulled out of the text of command, shell, raw and script; any other `x=y` there belongs to the command. */
const commandOptions = new Set([
  'creates',
  'removes',
  'chdir',
  'executable',
  'warn',
  'stdin',
  'stdin_add_newline',
  'strip_empty_ends',
])

/**
 * Reads `key=value` text as Ansible does: quotes and templates hold blanks together, `\=` is no separator, backslash escapes are
 * opened in values. `undefined` when a quote or a template is not closed.
 */
export function parseKeyValues(text: string, { command = false }: { command?: boolean } = {}): KeyValues | undefined {
  const pieces = split(text)
  if (pieces === undefined) return undefined
  const pairs = new Map<string, string>()
  const rest: Piece[] = []
  for (const piece of pieces) {
    const decoded = openEscapes(piece.text)
    const cut = separator(decoded)
    const key = decoded.slice(0, Math.max(cut, 0)).trim()
    if (cut === -1) rest.push(decoded.includes('=') ? { ...piece, text: decoded.replaceAll('\\=', '=') } : piece)
    else if (command && !commandOptions.has(key)) rest.push(piece)
    else pairs.set(key, unquote(decoded.slice(cut + 1).trim()))
  }
  return { pairs, rest: join(rest) }
}

function split(text: string): readonly Piece[] | undefined {
  const pieces: Piece[] = []
  let quote = ''
  let templates = 0
  let i = skipBlanks(text, 0)
  while (i < text.length) {
    const start = i
    for (; i < text.length; i++) {
      const char = text.charAt(i)
      const two = text.slice(i, i + 2)
      if (quote === '' && templates === 0 && (char === ' ' || char === '\n')) break
      if ((char === '"' || char === "'") && text[i - 1] !== '\\') {
        if (quote === '') quote = char
        else if (quote === char) quote = ''
      } else if (two === '{{' || two === '{%' || two === '{#') {
        templates += 1
        i += 1
      } else if (two === '}}' || two === '%}' || two === '#}') {
        templates = Math.max(0, templates - 1)
        i += 1
      }
    }
    const end = Math.min(i, text.length)
    i = skipBlanks(text, end)
    pieces.push({ text: text.slice(start, end), gap: text.slice(end, i) })
  }
  return quote === '' && templates === 0 ? pieces : undefined
}

function skipBlanks(text: string, from: number): number {
  let i = from
  while (text[i] === ' ' || text[i] === '\n') i++
  return i
}

/** A lone backslash at the end of a line continues it, so that both vanish. */
function join(pieces: readonly Piece[]): string {
  return pieces
    .map(({ text, gap }, i) => {
      if (text === '\\' && gap.startsWith('\n')) return ''
      return i === pieces.length - 1 && !gap.includes('\n') ? text : text + (gap === '' ? ' ' : gap)
    })
    .join('')
}

/** The first `=` that stands behind a name and is not escaped, or -1. */
function separator(text: string): number {
  let cut = text.indexOf('=', 1)
  while (cut > 0 && text[cut - 1] === '\\') cut = text.indexOf('=', cut + 1)
  return cut
}

function unquote(text: string): string {
  const first = text.charAt(0)
  const quoted = text.length > 1 && (first === '"' || first === "'") && text.endsWith(first) && text.at(-2) !== '\\'
  return quoted ? text.slice(1, -1) : text
}
