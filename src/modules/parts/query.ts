import { ModuleFailure } from '../module.ts'
import { literal } from './postgresql.ts'

type Kind = 'rows' | 'change' | 'show' | 'other'

export interface Answer {
  readonly kind: Kind
  readonly rows: readonly unknown[]
  readonly count: number
  /** The tag that the server ends a statement with. */
  readonly message: string
}

/** What a statement does, by its first word. */
function kindOf(text: string): Kind {
  const bare = text.replace(/^(\s|--.*\n|\/\*.*?\*\/)+/s, '')
  const first = /^\(*\s*([a-z]+)/i.exec(bare)?.[1]?.toUpperCase() ?? ''
  if (first === 'SHOW') return 'show'
  if (['INSERT', 'UPDATE', 'DELETE'].includes(first)) return 'change'
  if (first === 'SELECT' && /^select\b.*\binto\b\s+(temp|unlogged|table|[a-z_"]+\s+from)/is.test(bare)) return 'other'
  if (['SELECT', 'VALUES', 'TABLE'].includes(first)) return 'rows'
  return first === 'WITH' && !/\b(insert|update|delete)\b/i.test(bare) ? 'rows' : 'other'
}

/** The statement so that its rows come as JSON, one a line. */
export function asRows(text: string): string {
  switch (kindOf(text)) {
    case 'rows':
      return `SELECT row_to_json(mlops_rows) FROM (${text}\n) mlops_rows`
    case 'change':
      return `WITH mlops_rows AS (${text}\n${returns(text) ? '' : ' RETURNING 1 AS mlops_row'}) SELECT row_to_json(mlops_rows) FROM mlops_rows`
    default:
      return text
  }
}

/** Reads what psql printed for a statement. */
export function answerOf(text: string, printed: string): Answer {
  const kind = kindOf(text)
  const first = text.trimStart().split(/\s+/)[0]?.toUpperCase() ?? ''
  const lines = printed.split('\n').filter(line => line !== '')
  if (kind === 'show') {
    const name = text.trim().split(/\s+/)[1] ?? ''
    return { kind, rows: [{ [name]: lines[0] ?? '' }], count: 1, message: 'SHOW' }
  }
  if (kind === 'other') {
    const words = text
      .trim()
      .split(/\s+/)
      .slice(0, /^(CREATE|DROP|ALTER)$/.test(first) ? 2 : 1)
    return { kind, rows: [], count: 0, message: words.join(' ').toUpperCase() }
  }
  const found = lines.filter(line => line.startsWith('{')).map(line => JSON.parse(line))
  const rows = kind === 'change' && !returns(text) ? [] : found
  const tag = kind === 'rows' ? 'SELECT' : first === 'INSERT' ? 'INSERT 0' : first
  return { kind, rows, count: found.length, message: `${tag} ${found.length}` }
}

function returns(text: string): boolean {
  return /\breturning\b/i.test(text)
}

/** Puts values, which are SQL already, in for `%s` or `%(name)s`; `%%` is a per cent sign. */
export function withArguments(
  text: string,
  positional: readonly string[] | undefined,
  named: Readonly<Record<string, string>> | undefined,
): string {
  let at = 0
  const done = text.replace(/%(?:(%)|(s)|\((\w+)\)s)/g, (whole, per?: string, one?: string, name?: string) => {
    if (per !== undefined) return '%'
    const value = one !== undefined ? positional?.[at++] : name !== undefined && named ? named[name] : undefined
    if (value === undefined) throw new ModuleFailure(`there is no value for ${whole} in: ${text}`)
    return value
  })
  if (positional !== undefined && at < positional.length)
    throw new ModuleFailure(`not all values have their %s in: ${text}`)
  return done
}

/** A value in SQL. */
export function sqlValue(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return value.length === 0 ? "'{}'" : `ARRAY[${value.map(sqlValue).join(', ')}]`
  return literal(typeof value === 'string' ? value : JSON.stringify(value))
}
