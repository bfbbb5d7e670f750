import { valueFailure } from '../python/fail.ts'

/** One word of a JMESPath expression; `value` is what it holds, `kind` its own text for signs. */
export interface Token {
  readonly kind: string
  readonly value: unknown
  readonly at: number
}

const patterns: readonly (readonly [string, RegExp])[] = [
  ['blank', /\s+/y],
  ['number', /-?\d+/y],
  ['name', /[A-Za-z_]\w*/y],
  ['quoted', /"(?:[^"\\]|\\.)*"/sy],
  ['raw', /'(?:[^'\\]|\\.)*'/sy],
  ['literal', /`(?:[^`\\]|\\.)*`/sy],
  ['sign', /\[\?|\[\]|\|\||&&|[!=<>]=|[.*[\]{}(),:|&!<>@]/y],
]

/** The words of an expression, with one of kind `end` behind them. Throws for a character that begins none. */
export function tokens(text: string): Token[] {
  const found: Token[] = []
  let at = 0
  while (at < text.length) {
    const [kind, piece] = next(text, at)
    if (kind !== 'blank') found.push({ kind: kind === 'sign' ? piece : named(kind), value: held(kind, piece), at })
    at += piece.length
  }
  return [...found, { kind: 'end', value: undefined, at }]
}

function next(text: string, at: number): readonly [string, string] {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) return [kind, match[0]]
  }
  throw valueFailure(`json_query: \`${text}\` cannot be read at its character ${at + 1}`)
}

function named(kind: string): string {
  return kind === 'raw' ? 'literal' : kind
}

function held(kind: string, piece: string): unknown {
  const inner = piece.slice(1, -1)
  switch (kind) {
    case 'number':
      return Number(piece)
    case 'name':
      return piece
    case 'quoted':
      return json(piece) ?? inner
    case 'raw':
      return inner.replaceAll("\\'", "'")
    case 'literal': {
      const bare = inner.replaceAll('\\`', '`').trim()
      const value = json(bare)
      return value === undefined ? bare : value
    }
    default:
      return undefined
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
