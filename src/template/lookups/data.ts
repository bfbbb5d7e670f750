import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { didYouMean } from '../../near.ts'
import type { Call, Lookup, TemplateOptions } from '../environment.ts'
import { text } from '../filters/coerce.ts'
import { failure } from '../python/fail.ts'
import { truth } from '../python/iterate.ts'
import { asInt } from '../python/numbers.ts'
import { regex } from '../python/regex.ts'
import { Undefined } from '../python/values.ts'
import { csvRows } from './csv.ts'
import { found } from './file.ts'
import { iniSections } from './ini.ts'
import { password } from './password.ts'
import { readUrl } from './url.ts'

/** Lookups of variables, of the environment, of commands and of files with a format. */
export const dataLookups: Readonly<Record<string, Lookup>> = {
  env: (terms, { kwargs }) => terms.map(term => process.env[text(term)] ?? kwargs.default ?? ''),
  url: (terms, call) => terms.flatMap(term => readUrl(text(term), call)),
  pipe: terms => terms.map(term => run(text(term)).trimEnd()),
  lines: terms =>
    terms.flatMap(term => {
      const said = run(text(term))
      return said === '' ? [] : said.replace(/\n$/, '').split('\n')
    }),
  vars: (terms, { kwargs, environment }) =>
    terms.map(term => {
      const value = environment.read(text(term))
      if (value !== undefined && !(value instanceof Undefined && kwargs.default !== undefined)) return value
      if (kwargs.default !== undefined) return kwargs.default
      throw failure('undefined', `'${text(term)}' is undefined`)
    }),
  config: (terms, { kwargs, environment }) => terms.flatMap(term => setting(text(term), kwargs, environment.options)),
  varnames: (terms, { environment }) =>
    terms.flatMap(term => [...environment.names()].filter(name => regex(text(term)).test(name))),
  csvfile: (terms, call) => terms.flatMap(term => csv(text(term), call)),
  ini: (terms, call) => terms.flatMap(term => ini(text(term), call)),
  password: (terms, { kwargs, environment }) =>
    terms.map(term => password(text(term), kwargs, environment.options.searchPath ?? [])),
}

/** The value of a setting, as a list of one; with `on_missing` other than `error`, none where there is no such setting. */
function setting(name: string, kwargs: Call['kwargs'], { config = {}, onWarning }: TemplateOptions): unknown[] {
  if (Object.hasOwn(config, name)) return [config[name]]
  const missing = text(kwargs.on_missing ?? 'error')
  const message = `there is no setting ${name}`
  if (missing === 'error') throw failure('lookup', message, { hint: didYouMean(name, Object.keys(config)) })
  if (missing === 'warn') onWarning?.(message)
  return []
}

/** Standard output of a command of this machine's shell. Throws `template.lookup`. */
function run(command: string): string {
  const { status, stdout, stderr, error } = spawnSync('/bin/sh', ['-c', command], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status === 0) return stdout
  throw failure('lookup', `the command \`${command}\` failed with status ${status ?? 'none'}`, {
    cause: error,
    hint: stderr.trim() || undefined,
  })
}

/** `file=… delimiter=… col=…` after the key, or the same by keyword. */
function options(term: string, { kwargs }: Call): { key: string; get: (name: string, standard: string) => string } {
  const parts = term.match(/\w+=\S+/g) ?? []
  const given = new Map(parts.map(part => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]))
  const key = term.replace(/\s*\w+=\S+/g, '').trim()
  return {
    key,
    get: (name, standard) => given.get(name) ?? (kwargs[name] === undefined ? standard : text(kwargs[name])),
  }
}

function csv(term: string, call: Call): unknown[] {
  const { key, get } = options(term, call)
  const delimiter = get('delimiter', 'TAB')
  const rows = csvRows(
    readFileSync(found(get('file', 'ansible.csv'), 'files', 'csvfile', call), 'utf8'),
    delimiter === 'TAB' || delimiter === 't' ? '\t' : delimiter,
  )
  const column = asInt(Number(get('col', '1')))
  const keyColumn = Number(get('keycol', '0'))
  const row = rows.find(one => one[keyColumn] === key)
  const value = row?.[column]
  if (value !== undefined) return [value]
  return call.kwargs.default === undefined ? [] : [call.kwargs.default]
}

function ini(term: string, call: Call): unknown[] {
  const { key, get } = options(term, call)
  const path = found(get('file', 'ansible.ini'), 'files', 'ini', call)
  const section = get('type', 'ini') === 'properties' ? '' : get('section', 'global')
  const values = iniSections(readFileSync(path, 'utf8')).get(section) ?? new Map<string, string>()
  if (truth(call.kwargs.re ?? false))
    return [...values].filter(([name]) => regex(key).test(name)).map(([, value]) => value)
  const value = values.get(key.toLowerCase())
  return [value ?? call.kwargs.default ?? '']
}
