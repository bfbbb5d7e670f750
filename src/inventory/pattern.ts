import { readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { MlopsError, type Position, reasonOf, throwAll } from '../errors.ts'
import { didYouMean } from '../near.ts'
import { glob, regexp } from './glob.ts'
import type { Host, Inventory } from './inventory.ts'

const LOCALHOST = ['localhost', '127.0.0.1', '::1']

export interface SelectOptions {
  /** `--limit`: a pattern whose hosts are the only ones that count; `@file` reads one pattern a line. */
  readonly limit?: string | undefined
  /** As Ansible does: a name that is not there is a warning. By default it is an error. */
  readonly allowEmpty?: boolean
  /** Where the pattern is written, for errors. */
  readonly at?: Position | undefined
}

export interface Selection {
  /** In inventory order within each part of the pattern. Empty when the parts exist but leave no host. */
  readonly hosts: readonly string[]
  /** Names that are not there, with `allowEmpty`. */
  readonly warnings: readonly string[]
}

/**
 * The hosts of a pattern: `all`, names, globs, `~regex`, `a:b`, `a,b`, `a:&b`, `a:!b`, `g[0]`, `g[1:3]`.
 * Throws `inventory.no-host` for a name that is no host and no group, and for a part that matches nothing.
 */
export function select(inventory: Inventory, pattern: string, options: SelectOptions = {}): Selection {
  const wanted = evaluate(inventory, splitPattern(pattern), options.at)
  const limit = options.limit === undefined ? undefined : evaluate(inventory, splitLimit(options.limit), undefined)
  const problems = [...wanted.problems, ...(limit?.problems ?? [])]
  if (!options.allowEmpty) throwAll(problems)
  const allowed = limit && new Set(limit.hosts)
  return {
    hosts: allowed ? wanted.hosts.filter(name => allowed.has(name)) : wanted.hosts,
    warnings: problems.map(problem => problem.message),
  }
}

/** The host of that name; the implicit one for `localhost` and its addresses. */
export function hostOf(inventory: Inventory, name: string): Host | undefined {
  const host = inventory.hosts.get(name)
  if (host || !LOCALHOST.includes(name)) return host
  return name === inventory.localhost.name ? inventory.localhost : { ...inventory.localhost, name }
}

/** The parts of a pattern: by commas where there are any, else by colons outside of brackets. */
function splitPattern(pattern: string): string[] {
  const text = pattern.trim()
  if (text.includes(',')) return text.split(',').flatMap(splitPattern)
  if (text === '') return []
  // A host with a port stands for itself; so it is nothing that a pattern can name.
  if ((text.includes(':') && isIPv6(text)) || /^[^:[\]&!~*]+:\d+$/.test(text)) return [text]
  return text.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? []
}

function splitLimit(limit: string): string[] {
  return splitPattern(limit).flatMap(part => {
    if (!part.startsWith('@')) return [part]
    return readLimitFile(part.slice(1))
      .split('\n')
      .flatMap(line => splitPattern(line.replace(/#.*/, '')))
  })
}

function readLimitFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new MlopsError('inventory.no-file', `the limit file ${file} cannot be read: ${reasonOf(cause)}`, { cause })
  }
}

interface Evaluation {
  readonly hosts: readonly string[]
  readonly problems: readonly MlopsError[]
}

/** Ansible's order: plain parts are joined, then `&` parts keep, then `!` parts take away. */
function evaluate(inventory: Inventory, parts: readonly string[], at: Position | undefined): Evaluation {
  const problems: MlopsError[] = []
  const matches = (part: string): readonly string[] => {
    const found = matchPart(inventory, part, at)
    if (found) return found
    problems.push(nothingMatches(inventory, part, at))
    return []
  }
  const plain = parts.filter(part => !/^[&!]/.test(part))
  let hosts = new Set((plain.length > 0 ? plain : ['all']).flatMap(matches))
  for (const part of parts.filter(part => part.startsWith('&'))) {
    const kept = new Set(matches(part.slice(1)))
    hosts = new Set([...hosts].filter(name => kept.has(name)))
  }
  for (const part of parts.filter(part => part.startsWith('!'))) {
    for (const name of matches(part.slice(1))) hosts.delete(name)
  }
  return { hosts: [...hosts], problems }
}

/** The hosts of one part, or undefined when it names nothing that is there. */
function matchPart(inventory: Inventory, part: string, at: Position | undefined): readonly string[] | undefined {
  const { name, slice } = splitSubscript(part)
  const isRegexp = name.startsWith('~')
  const matches = isRegexp ? regexp(name.slice(1), at) : glob(name)
  const groups = [...inventory.groups.values()].filter(group => matches(group.name))
  const found = new Set(groups.flatMap(group => group.hosts))
  let known = groups.length > 0 || name === '*'
  if (!known || isRegexp || /[.?*[]/.test(name)) {
    for (const host of inventory.hosts.keys()) {
      if (!matches(host)) continue
      found.add(host)
      known = true
    }
  }
  if (found.size === 0 && LOCALHOST.includes(name)) {
    found.add(name)
    known = true
  }
  if (!known) return undefined
  const hosts = [...found]
  const chosen = slice(hosts)
  return chosen.length === 0 && /\[-?\d+\]$/.test(part) ? undefined : chosen
}

/** `g[0]`, `g[-1]`, `g[1:3]` (the end counts), `g[2:]`. */
function splitSubscript(part: string): { name: string; slice: (hosts: readonly string[]) => readonly string[] } {
  const match = part.startsWith('~') ? null : /^(.+)\[(?:(-?\d+)|(\d+)[:-](\d*))\]$/.exec(part)
  if (!match) return { name: part, slice: hosts => hosts }
  const [, name = part, index, first, last] = match
  if (index !== undefined) return { name, slice: hosts => hosts.slice(Number(index)).slice(0, 1) }
  const end = last === '' ? undefined : Number(last) + 1
  return { name, slice: hosts => hosts.slice(Number(first), end) }
}

function nothingMatches(inventory: Inventory, part: string, at: Position | undefined): MlopsError {
  const { name } = splitSubscript(part)
  const count = matchPart(inventory, name, at)?.length
  if (name !== part && count !== undefined) {
    const hint = `\`${name}\` stands for ${count} hosts, counted from 0`
    return new MlopsError('inventory.no-host', `no host stands at \`${part}\``, { at, hint })
  }
  const names = new Set([...inventory.groups.keys(), ...inventory.hosts.keys()])
  const isPlain = !name.startsWith('~') && !/[?*[]/.test(name)
  const message = isPlain
    ? `there is no host and no group \`${name}\` in the inventory`
    : `no host and no group of the inventory matches \`${name}\``
  const hint = (isPlain ? didYouMean(name, names) : undefined) ?? listNames(inventory)
  return new MlopsError('inventory.no-host', message, { at, hint })
}

function listNames(inventory: Inventory): string {
  const names = [...inventory.groups.keys()].filter(name => name !== 'all' && name !== 'ungrouped')
  if (inventory.hosts.size === 0)
    return 'the inventory is empty: name one with -i, or make servers with `mlops provision`'
  const shown = [...new Set([...names, ...inventory.hosts.keys()])].slice(0, 8)
  return `the inventory knows ${shown.map(name => `\`${name}\``).join(', ')}${inventory.hosts.size > 8 ? ', …' : ''}`
}
