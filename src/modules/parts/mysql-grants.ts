import { ModuleFailure } from '../module.ts'
import { recordAt } from './json-path.ts'

/** Privileges, sorted, by what they are for: `` `db`.`table` `` or `*.*`. */
export type Grants = Readonly<Record<string, readonly string[]>>

/** What `SHOW GRANTS` printed. `USAGE` is none; proxies and roles are left out. */
export function parseGrants(text: string): Grants {
  const found: Record<string, string[]> = {}
  for (const line of text.split('\n')) {
    const match = /^GRANT (.+?) ON (?:TABLE )?(\S+|`.*?`\.(?:`.*?`|\*)) TO (.*)$/.exec(line)
    if (match === null || match[1] === 'PROXY') continue
    const [, names = '', what = '', rest = ''] = match
    const privileges = splitPrivileges(names)
    if (/WITH (?:.* )?GRANT OPTION/.test(rest)) privileges.push('GRANT')
    const target = quotedTarget(what)
    found[target] = [...(found[target] ?? []), ...privileges]
  }
  return tidy(found)
}

/** The privileges that are wanted, from those that are there: all others go, stay, or these go. */
export function wantedGrants(priv: unknown, has: Grants, mode: 'all' | 'append' | 'subtract'): Grants {
  const asked = tidy(
    Object.fromEntries(pairs(priv).map(([what, names]) => [quotedTarget(what), splitPrivileges(names)] as const)),
  )
  if (mode === 'all') return asked
  const wanted: Record<string, readonly string[]> = { ...has }
  for (const [what, names] of Object.entries(asked)) {
    const before = has[what] ?? []
    if (mode === 'subtract') wanted[what] = before.filter(name => !names.includes(name) && !names.includes('ALL'))
    else wanted[what] = before.includes('ALL') ? before : [...before, ...names]
  }
  return tidy(wanted)
}

/** Statements that bring privileges from what is there to what is wanted. */
export function privilegeStatements(account: string, has: Grants, want: Grants): string[] {
  const statements: string[] = []
  for (const [what, names] of Object.entries(has)) {
    const away = names.filter(name => !want[what]?.includes(name))
    const plain = away.filter(name => name !== 'GRANT')
    if (away.includes('GRANT')) statements.push(`REVOKE GRANT OPTION ON ${what} FROM ${account}`)
    if (plain.length > 0) statements.push(`REVOKE ${plain.join(', ')} ON ${what} FROM ${account}`)
  }
  for (const [what, names] of Object.entries(want)) {
    const more = names.filter(name => !has[what]?.includes(name))
    const plain = more.filter(name => name !== 'GRANT')
    if (more.length > 0) {
      statements.push(
        `GRANT ${plain.length > 0 ? plain.join(', ') : 'USAGE'} ON ${what} TO ${account}${more.includes('GRANT') ? ' WITH GRANT OPTION' : ''}`,
      )
    }
  }
  return statements
}

/** `a.b:X,Y/c.*:Z` or a mapping of the same. A slash or colon within backquotes is part of a name. */
function pairs(priv: unknown): [string, string][] {
  if (typeof priv === 'object' && priv !== null) {
    return Object.entries(recordAt({ priv }, 'priv')).map(([what, names]) => [
      what,
      Array.isArray(names) ? names.join(',') : String(names),
    ])
  }
  return (String(priv).match(/(?:`[^`]*`|[^/`])+/g) ?? []).map(part => {
    const match = /^((?:`[^`]*`|[^:`])+):(.+)$/.exec(part.trim())
    if (match === null) throw new ModuleFailure(`\`${part}\` is no privilege, such as db.*:SELECT`)
    return [match[1] ?? '', match[2] ?? '']
  })
}

/** Commas within brackets (columns) do not divide. */
function splitPrivileges(text: string): string[] {
  return (text.match(/(?:\([^)]*\)|[^,(])+/g) ?? [])
    .map(name => name.trim())
    .map(name => (name.includes('(') ? name.replace(/^[^(]+/, word => word.toUpperCase()) : name.toUpperCase()))
    .map(name => ({ 'ALL PRIVILEGES': 'ALL', 'GRANT OPTION': 'GRANT' })[name] ?? name)
    .filter(name => name !== '' && name !== 'USAGE')
}

function quotedTarget(what: string): string {
  const [database = '', table = '*'] = what.match(/`[^`]*`|[^.`]+/g) ?? []
  return [database, table].map(part => (part === '*' ? part : `\`${part.replaceAll('`', '')}\``)).join('.')
}

/** `ALL` holds every other one but GRANT; sorted, and without empty entries. */
function tidy(grants: Readonly<Record<string, readonly string[]>>): Grants {
  return Object.fromEntries(
    Object.entries(grants)
      .map(([what, names]) => {
        const kept = names.includes('ALL') ? names.filter(name => name === 'ALL' || name === 'GRANT') : names
        return [what, [...new Set(kept)].sort()] as const
      })
      .filter(([, names]) => names.length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}
