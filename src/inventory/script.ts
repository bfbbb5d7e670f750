import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { MlopsError, reasonOf } from '../errors.ts'
import type { Draft, DraftGroup, Settings } from './draft.ts'

/** Runs an inventory script with `--list`, and with `--host NAME` where it says no `_meta`, into the draft. */
export function readScript(file: string, draft: Draft): void {
  const answer = runJson(file, ['--list'])
  readScriptOutput(answer, { file, draft, hostVars: name => runJson(file, ['--host', name]) })
}

/** Takes over what an inventory script says: groups of hosts, children and vars, and `_meta.hostvars`. */
export function readScriptOutput(
  answer: Dictionary,
  { file, draft, hostVars }: { file: string; draft: Draft; hostVars?: (name: string) => Dictionary },
): void {
  const { _meta: meta, ...groups } = answer
  const named = new Set<string>()
  for (const [name, content] of Object.entries(groups)) {
    const group = draft.group(name)
    const parts = Array.isArray(content) ? { hosts: content } : content
    if (!isDictionary(parts)) throw wrong(file, `the group \`${name}\` is neither a dictionary nor a list of hosts`)
    const known = 'hosts' in parts || 'children' in parts || 'vars' in parts
    // Ansible's short form: a group without any of these keys is a host of that name with its variables
    if (!known) readShortHost(name, parts, { group, file, draft, named })
    for (const host of texts(parts['hosts'], `hosts of ${name}`, file)) named.add(draft.host(host, group, file).name)
    for (const child of texts(parts['children'], `children of ${name}`, file)) {
      draft.addChild(group, draft.group(child), { file, line: 1, column: 1 })
    }
    put(group.settings, parts['vars'] ?? {}, `vars of ${name}`, file)
  }
  const given = isDictionary(meta) ? meta['hostvars'] : undefined
  for (const name of named) {
    const vars = given === undefined ? hostVars?.(name) : isDictionary(given) ? given[name] : undefined
    const host = draft.hosts.get(name)
    if (host && vars !== undefined) put(host.settings, vars, `variables of the host ${name}`, file)
  }
}

type Dictionary = Readonly<Record<string, unknown>>

function readShortHost(
  name: string,
  vars: Dictionary,
  { group, file, draft, named }: { group: DraftGroup; file: string; draft: Draft; named: Set<string> },
): void {
  if (Object.keys(vars).length === 0) return
  named.add(draft.host(name, group, file).name)
  put(group.settings, vars, `vars of ${name}`, file)
}

function runJson(file: string, args: readonly string[]): Dictionary {
  const called = `${file} ${args.join(' ')}`
  let text: string
  try {
    text = execFileSync(resolve(file), args, {
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (cause) {
    // null: it did not even start
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr ?? '').trim() : ''
    throw new MlopsError('inventory.script', `the inventory script \`${called}\` failed`, {
      cause,
      hint: said || reasonOf(cause),
    })
  }
  let answer: unknown
  try {
    answer = JSON.parse(text.trim() === '' ? '{}' : text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw wrong(called, `its answer is no JSON: ${reason}`, cause)
  }
  if (isDictionary(answer)) return answer
  throw wrong(called, 'its answer is no JSON dictionary')
}

function put(settings: Settings, vars: unknown, what: string, file: string): void {
  if (!isDictionary(vars)) throw wrong(file, `${what} must be a dictionary`)
  for (const [name, value] of Object.entries(vars)) settings.set(name, { value, at: () => undefined })
}

function texts(value: unknown, what: string, file: string): readonly string[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value.map(String)
  throw wrong(file, `${what} must be a list`)
}

function wrong(what: string, reason: string, cause?: unknown): MlopsError {
  return new MlopsError('inventory.script', `the inventory script \`${what}\`: ${reason}`, { cause })
}

function isDictionary(value: unknown): value is Dictionary {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
