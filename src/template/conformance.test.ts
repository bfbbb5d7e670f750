import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { MlopsError } from '../errors.ts'
import { fromJson } from './python/json.ts'
import { typeName } from './python/types.ts'
import { evaluate, open, plain, render, type Scope, str, type TemplateOptions } from './template.ts'

/** One case of `test/data/jinja-conformance.json`; its notes say what each field means. */
interface Case {
  readonly id: string
  readonly level: string
  readonly group: string
  readonly kind: 'expr' | 'template'
  readonly source: string
  readonly context?: Readonly<Record<string, unknown>>
  readonly context_only?: boolean
  readonly options?: { trim_blocks: boolean; lstrip_blocks: boolean; keep_trailing_newline: boolean }
  readonly files?: Readonly<Record<string, string>>
  readonly expect: {
    readonly value?: unknown
    readonly type?: string
    readonly text?: string
    readonly error?: { readonly kind: string; readonly message: string; readonly line?: number }
  }
}

interface Corpus {
  readonly base_context: Readonly<Record<string, unknown>>
  readonly cases: readonly Case[]
}

// The file has the shape that its notes promise. Large ints need a reader that keeps them.
const corpus = plainJson(readFileSync(new URL('../../test/data/jinja-conformance.json', import.meta.url), 'utf8'))

beforeAll(() => {
  process.env.MLOPS_CORPUS_ENV = 'env-value'
  process.env.TZ = 'UTC'
})

test('the corpus is whole', () => {
  expect(corpus.cases.length).toBe(566)
})

for (const one of corpus.cases) {
  test(`${one.id} is as in the real Jinja2: ${one.source.replaceAll('\n', '⏎').slice(0, 70)}`, () => {
    const { error } = one.expect
    if (error) expectError(one, error)
    else expectResult(one)
  })
}

function expectResult(one: Case): void {
  const { value, type, text } = one.expect
  const options = optionsOf(one)
  if (one.level === 'engine' || one.kind === 'expr') {
    const result =
      one.kind === 'expr' ? evaluate(one.source, scopeOf(one), options) : open(one.source, scopeOf(one), options)
    if (value !== undefined) expect(comparable(result)).toEqual(comparable(value))
    if (type !== undefined && type !== 'iterator') expect(typeName(result)).toBe(type)
    if (text !== undefined && type !== 'iterator') expect(str(result)).toBe(text)
  }
  if (text === undefined) return
  if (one.kind === 'expr') expect(render(`{{ ${one.source} }}`, scopeOf(one), options)).toBe(text)
  else expect(render(one.source, scopeOf(one), options)).toBe(text)
}

/** Codes that stand for each kind of error of the reference. */
const codes: Readonly<Record<string, readonly string[]>> = {
  syntax: ['template.syntax'],
  undefined: ['template.undefined'],
  type: ['template.type'],
  value: ['template.value'],
  'unknown-plugin': ['template.unknown'],
  'not-found': ['template.not-found'],
  recursion: ['template.recursion'],
  ansible: ['template.mandatory', 'template.unknown', 'template.lookup'],
}

function expectError(one: Case, { kind, message, line }: { kind: string; message: string; line?: number }): void {
  const options = { ...optionsOf(one), at: { file: 'case', line: 1, column: 1 } }
  const run = (): unknown =>
    one.kind === 'expr' ? evaluate(one.source, scopeOf(one), options) : open(one.source, scopeOf(one), options)
  const error = thrown(run)
  expect(codes[kind]).toContain(error.code)
  if (line !== undefined) expect(error.at?.line).toBe(line)
  const name = kind === 'undefined' && /^'(\w+)' is undefined|attribute '(\w+)'/.exec(message)
  if (name) expect(error.message).toContain(`'${name[1] ?? name[2]}'`)
  if (kind === 'unknown-plugin') expect(error.message).toContain(/"(\w+)"/.exec(message)?.[1])
}

function thrown(run: () => unknown): MlopsError {
  try {
    run()
  } catch (error) {
    if (error instanceof MlopsError) return error
    throw error
  }
  throw new Error('no error was thrown')
}

function scopeOf({ context = {}, context_only: only = false, level }: Case): Scope {
  const values = only ? context : { ...corpus.base_context, ...context }
  return {
    get: name => (Object.hasOwn(values, name) ? { value: values[name], open: level === 'engine' } : undefined),
    names: () => Object.keys(values),
  }
}

function optionsOf({ options, files }: Case): TemplateOptions {
  return {
    trimBlocks: options?.trim_blocks,
    lstripBlocks: options?.lstrip_blocks,
    keepTrailingNewline: options?.keep_trailing_newline ?? true,
    searchPath: files ? [folderOf(files)] : undefined,
  }
}

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-template-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

function comparable(value: unknown): unknown {
  return plain(value)
}

function plainJson(text: string): Corpus {
  return plain(fromJson(text)) as Corpus // see above
}
