import { statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { textOf } from '../../bytes.ts'
import { readPlain, readSecret } from '../../vault/keyring.ts'
import type { Call, Lookup } from '../environment.ts'
import { fileNames } from '../file-names.ts'
import { candidates, findFile } from '../files.ts'
import { text } from '../filters/coerce.ts'
import { glob } from '../filters/path.ts'
import { type Marks, usualMarks } from '../language/marks.ts'
import { asDict, dictEntries, dictGet } from '../python/dict.ts'
import { failure } from '../python/fail.ts'
import { iterate, truth } from '../python/iterate.ts'
import { isDict } from '../python/values.ts'

/** Lookups of files on this machine. */
export const fileLookups: Readonly<Record<string, Lookup>> = {
  file: (terms, call) =>
    terms.map(term => {
      const content = textOf(readSecret(found(text(term), 'files', 'file', call)))
      const ended = truth(call.kwargs.rstrip ?? true) ? content.trimEnd() : content
      return truth(call.kwargs.lstrip ?? false) ? ended.trimStart() : ended
    }),
  unvault: (terms, call) => terms.map(term => textOf(readSecret(found(text(term), 'files', 'unvault', call)))),
  template: (terms, { kwargs, environment }) => {
    const [odd] = Object.keys(kwargs).filter(name => !templateOptions.has(name))
    if (odd !== undefined) throw failure('unsupported', `the lookup template does not support the option ${odd}`)
    return terms.map(term => {
      const path = found(text(term), 'templates', 'template', { kwargs, environment })
      const given =
        kwargs.template_vars === undefined
          ? {}
          : Object.fromEntries(dictEntries(asDict(kwargs.template_vars, 'template_vars')))
      const own = fileNames(path, { name: text(term), managed: environment.options.managed })
      return environment.renderText(
        textOf(readPlain(path)),
        { ...own, ...given },
        {
          at: { file: path, line: 1, column: 1 },
          trimBlocks: truth(kwargs.trim_blocks ?? true),
          lstripBlocks: truth(kwargs.lstrip_blocks ?? false),
          newline: undefined,
          marks: marksOf(kwargs),
        },
      )
    })
  },
  fileglob: (terms, { environment }) =>
    terms.flatMap(term => {
      for (const pattern of candidates(text(term), 'files', environment.options.searchPath ?? [])) {
        const paths = glob(pattern)
        if (paths.length > 0) return paths
      }
      return []
    }),
  first_found: (terms, call) => firstFound(terms, call),
}

/** `convert_data` is about texts that look like Python; here a template gives text, as in ansible-core 2.19. */
const templateOptions = new Set([
  'template_vars',
  'trim_blocks',
  'lstrip_blocks',
  'convert_data',
  'jinja2_native',
  'variable_start_string',
  'variable_end_string',
  'comment_start_string',
  'comment_end_string',
])

function marksOf(kwargs: Call['kwargs']): Marks {
  const given = (name: string, usual: string) => (kwargs[name] ? text(kwargs[name]) : usual)
  return {
    ...usualMarks,
    variableStart: given('variable_start_string', usualMarks.variableStart),
    variableEnd: given('variable_end_string', usualMarks.variableEnd),
    commentStart: given('comment_start_string', usualMarks.commentStart),
    commentEnd: given('comment_end_string', usualMarks.commentEnd),
  }
}

/** The path of a file that must be there. Throws `template.lookup`. */
export function found(name: string, kind: string, lookup: string, { environment }: Call): string {
  const searchPath = environment.options.searchPath ?? []
  const path = findFile(name, kind, searchPath)
  if (path !== undefined) return path
  throw failure('lookup', `the lookup ${lookup} found no file ${name}`, {
    hint: isAbsolute(name) ? undefined : `searched: ${candidates(name, kind, searchPath).join(', ')}`,
  })
}

/** Names, lists of names, or dicts with `files`, `paths` and `skip`. */
function firstFound(terms: readonly unknown[], { kwargs, environment }: Call): readonly string[] {
  const searchPath = environment.options.searchPath ?? []
  const params = [...terms.flat(), ...(kwargs.files === undefined ? [] : [new Map(Object.entries(kwargs))])]
  let skip = truth(kwargs.skip ?? false)
  const tried: string[] = []
  for (const term of params) {
    if (isDict(term)) skip = truth(dictGet(term, 'skip') ?? skip)
    for (const name of isDict(term) ? namesOf(term) : [text(term)]) {
      const places = ['files', 'templates', 'vars', 'tasks'].flatMap(kind => candidates(name, kind, searchPath))
      const path = places.find(place => statSync(place, { throwIfNoEntry: false }))
      if (path !== undefined) return [path]
      tried.push(name)
    }
  }
  if (skip) return []
  throw failure('lookup', `first_found found none of ${tried.join(', ')}`, {
    hint: searchPath.length > 0 ? `searched in ${searchPath.join(', ')}` : undefined,
  })
}

function namesOf(term: Parameters<typeof dictGet>[0]): string[] {
  const names = split(dictGet(term, 'files'))
  const paths = split(dictGet(term, 'paths'))
  return paths.length === 0 ? names : paths.flatMap(path => names.map(name => join(path, name)))
}

function split(value: unknown): string[] {
  if (value === undefined || value === null) return []
  return typeof value === 'string' ? value.split(/[,;:]/).map(part => part.trim()) : iterate(value).map(text)
}
