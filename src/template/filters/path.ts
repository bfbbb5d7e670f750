import { readdirSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { posix } from 'node:path'
import { type Filter, filter } from '../environment.ts'
import { typeFailure, valueFailure } from '../python/fail.ts'
import { globPattern } from '../python/glob.ts'
import { iterate } from '../python/iterate.ts'
import { tuple } from '../python/values.ts'
import { text } from './coerce.ts'

/** Filters of paths: of this machine, and of Windows by name. */
export const pathFilters: Readonly<Record<string, Filter>> = {
  basename: filter([], value => text(value).slice(text(value).lastIndexOf('/') + 1)),
  dirname: filter([], value => dirname(text(value))),
  expanduser: filter([], value => text(value).replace(/^~(?=\/|$)/, homedir())),
  expandvars: filter([], value =>
    text(value).replace(/\$(?:(\w+)|\{(\w+)\})/g, (all, bare?: string, braced?: string) => {
      return process.env[bare ?? braced ?? ''] ?? all
    }),
  ),
  realpath: filter([], value => realpath(text(value))),
  relpath: filter(['start'], (value, [start = '.']) => posix.relative(text(start), text(value)) || '.'),
  normpath: filter([], value => normalized(text(value))),
  path_join: filter([], value => {
    if (typeof value === 'string') return value
    if (!Array.isArray(value)) throw typeFailure('path_join needs a list of paths')
    if (value.length === 0) throw typeFailure('path_join needs one path at least')
    return value.map(text).reduce((left, right) => {
      if (right.startsWith('/')) return right
      return left === '' || left.endsWith('/') ? left + right : `${left}/${right}`
    }, '')
  }),
  splitext: filter([], value => {
    const path = text(value)
    const [name] = /[^/]*$/.exec(path) ?? ['']
    const dot = name.replace(/^\.+/, dots => '_'.repeat(dots.length)).lastIndexOf('.')
    const at = dot === -1 ? path.length : path.length - name.length + dot
    return tuple([path.slice(0, at), path.slice(at)])
  }),
  commonpath: filter([], value => {
    const parts = iterate(value).map(path =>
      text(path)
        .split('/')
        .filter(part => part !== '' && part !== '.'),
    )
    const [first = []] = parts
    if (parts.length === 0) throw valueFailure('commonpath needs at least one path')
    const absolute = iterate(value).every(path => text(path).startsWith('/'))
    const same = first.findIndex((part, i) => parts.some(other => other[i] !== part))
    return (absolute ? '/' : '') + first.slice(0, same === -1 ? first.length : same).join('/')
  }),
  fileglob: filter([], value => glob(text(value))),
  win_basename: filter([], value => windows(text(value)).tail),
  win_dirname: filter([], value => {
    const { drive, head } = windows(text(value))
    return drive + head
  }),
  win_splitdrive: filter([], value => {
    const { drive, rest } = windows(text(value))
    return tuple([drive, rest])
  }),
}

/** Files (not folders) that fit a pattern, sorted by name. */
export function glob(pattern: string): string[] {
  const folder = dirname(pattern)
  const name = pattern.slice(pattern.lastIndexOf('/') + 1)
  const folders = /[*?[]/.test(folder) ? foldersOf(folder) : [folder]
  const matches = globPattern(name)
  return folders.flatMap(one => {
    const names = statSync(one === '' ? '.' : one, { throwIfNoEntry: false })?.isDirectory()
      ? readdirSync(one === '' ? '.' : one)
      : []
    return names
      .filter(entry => matches.test(entry) && (name.startsWith('.') || !entry.startsWith('.')))
      .map(entry => (one === '' ? entry : `${one.replace(/\/$/, '')}/${entry}`))
      .filter(path => statSync(path, { throwIfNoEntry: false })?.isFile())
      .sort()
  })
}

/** Folders that fit a pattern. */
function foldersOf(pattern: string): string[] {
  const [first = '', ...parts] = pattern.split('/')
  let found = [first === '' ? '/' : first]
  if (/[*?[]/.test(first)) found = below('.', first)
  for (const part of parts) found = found.flatMap(folder => below(folder, part))
  return found
}

function below(folder: string, part: string): string[] {
  const base = folder === '/' ? '' : folder
  if (!/[*?[]/.test(part)) return [`${base}/${part}`]
  const matches = globPattern(part)
  const entries = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder).sort() : []
  return entries.filter(entry => matches.test(entry) && !entry.startsWith('.')).map(entry => `${base}/${entry}`)
}

/** The parts of a Windows path: drive or share, folder and name behind it. */
function windows(path: string): { drive: string; rest: string; head: string; tail: string } {
  const [, drive = '', rest = ''] = /^([A-Za-z]:|[\\/]{2}[^\\/]+[\\/][^\\/]+)?(.*)$/s.exec(path) ?? []
  const [, folder = '', tail = ''] = /^(.*[\\/])?(.*)$/s.exec(rest) ?? []
  const head = /^[\\/]*$/.test(folder) ? folder : folder.replace(/[\\/]+$/, '')
  return { drive, rest, head, tail }
}

function dirname(path: string): string {
  const head = path.slice(0, path.lastIndexOf('/') + 1)
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, '')
}

/** Links are followed as far as the path exists. */
function realpath(path: string): string {
  const whole = posix.resolve(path)
  if (statSync(whole, { throwIfNoEntry: false })) return realpathSync(whole)
  const parent = posix.dirname(whole)
  return parent === whole ? whole : posix.join(realpath(parent), posix.basename(whole))
}

function normalized(path: string): string {
  const result = posix.normalize(path)
  return result.length > 1 ? result.replace(/\/+$/, '') : result
}
