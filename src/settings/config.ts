import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { MlopsError, type Position, reasonOf } from '../errors.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A value of `ansible.cfg` and where it stands. */
export interface ConfigValue {
  readonly value: string
  readonly at: Position
}

export interface Config {
  readonly file: string
  /** By `section.key`, in small letters. */
  readonly values: ReadonlyMap<string, ConfigValue>
}

/** The `ansible.cfg` in force: ANSIBLE_CONFIG, the current folder, the home folder, /etc/ansible. */
export function findConfig(env: Environment, cwd: string): { file: string | undefined; warnings: readonly string[] } {
  const warnings: string[] = []
  const candidates: string[] = []
  if (env.ANSIBLE_CONFIG) {
    const named = resolve(cwd, env.ANSIBLE_CONFIG)
    candidates.push(isFolder(named) ? join(named, 'ansible.cfg') : named)
  }
  const here = join(cwd, 'ansible.cfg')
  // Anyone could have put it there; Ansible refuses it as well.
  if (!existsSync(here) || !isWorldWritable(cwd)) candidates.push(here)
  else warnings.push(`${here} is left out: everybody may write to its folder`)
  if (env.HOME) candidates.push(join(env.HOME, '.ansible.cfg'))
  candidates.push('/etc/ansible/ansible.cfg')
  return { file: candidates.find(existsSync), warnings }
}

/** Reads an `ansible.cfg`. Throws `settings.no-file` and `settings.syntax`. */
export function loadConfig(file: string): Config {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new MlopsError('settings.no-file', `${file} cannot be read: ${reasonOf(cause)}`, { cause })
  }
  return { file, values: parse(text, file) }
}

/** Python's configparser, as Ansible sets it up: `;` begins a comment inside a line, indented lines go on. */
function parse(text: string, file: string): Map<string, ConfigValue> {
  const values = new Map<string, ConfigValue>()
  let section = ''
  let open: string | undefined
  text.split(/\r?\n/).forEach((raw, i) => {
    const line = raw.replace(/\s;.*$/, '').trimEnd()
    if (line.trim() === '' || /^\s*[#;]/.test(line)) return
    const header = /^\[([^\]]+)\]/.exec(line)
    const entry = /^(\S[^=:]*?)\s*[=:]\s*(.*)$/.exec(line)
    const before = open === undefined ? undefined : values.get(open)
    if (header) {
      section = header[1] ?? ''
      open = undefined
    } else if (/^\s/.test(line) && open !== undefined && before) {
      values.set(open, { value: `${before.value}\n${line.trim()}`.trim(), at: before.at })
    } else if (entry && section !== '') {
      const [, key = '', value = ''] = entry
      open = `${section}.${key}`.toLowerCase()
      values.set(open, { value, at: position(file, i, raw, line.length - value.length, value.length) })
    } else {
      const message = section === '' ? 'a setting stands below a [section]' : 'a setting is written `key = value`'
      throw new MlopsError('settings.syntax', message, { at: position(file, i, raw, 0, line.length) })
    }
  })
  return values
}

function position(file: string, i: number, text: string, start: number, length: number): Position {
  return { file, line: i + 1, column: start + 1, length: Math.max(1, length), text }
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}

function isWorldWritable(folder: string): boolean {
  return (statSync(folder).mode & 0o002) !== 0
}
