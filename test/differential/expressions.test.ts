import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { MlopsError } from '../../src/errors.ts'
import { dictEntries, dictGet, dictHas } from '../../src/template/python/dict.ts'
import { fromJson } from '../../src/template/python/json.ts'
import { typeName } from '../../src/template/python/types.ts'
import type { Dict } from '../../src/template/python/values.ts'
import { evaluate, render, type Scope, str } from '../../src/template/template.ts'
import { differences } from './differences.ts'

/** Expression or template, its source, and what the real Jinja2 gives: type and text, or neither when it is an error. */
type Row = readonly [kind: 'e' | 't', source: string, type?: string, text?: string]

const text = readFileSync(join(import.meta.dirname, 'data/expressions.json'), 'utf8')
// the generator writes a file of this shape; floats of the context stay floats
const made = JSON.parse(text) as { readonly cases: readonly Row[] }
const listed: readonly Row[] = JSON.parse(readFileSync(join(import.meta.dirname, 'data/arguments.json'), 'utf8'))
const cases = [...made.cases, ...listed]
const context = dictGet(fromJson(text) as Dict, 'context') as Dict // see above

beforeAll(() => {
  process.env.TZ = 'UTC'
})

const scope: Scope = {
  get: name => (dictHas(context, name) ? { value: dictGet(context, name), open: false } : undefined),
  names: () => dictEntries(context).map(([name]) => String(name)),
}

/** Ours, in the same form. */
function answer([kind, source]: Row): readonly string[] {
  try {
    const value = kind === 'e' ? evaluate(source, scope) : render(source, scope, { keepTrailingNewline: false })
    return [typeName(value), str(value)]
  } catch (error) {
    if (error instanceof MlopsError) return []
    throw error
  }
}

test('there are more than a thousand expressions and templates', () => {
  expect(cases.length).toBeGreaterThan(1000)
})

test('expressions and templates give what the real Jinja2 and Ansible give, but for those that the guide lists', () => {
  const wrong = cases.filter(row => JSON.stringify(answer(row)) !== JSON.stringify(row.slice(2)))
  const shown = wrong.map(row => ({ source: row[1], theirs: row.slice(2), ours: answer(row) }))
  expect(shown.filter(({ source }) => !differences.has(tableText(source)))).toEqual([])
  const listed = [...differences.keys()].filter(name => cases.some(([, source]) => tableText(source) === name))
  expect(listed.sort()).toEqual(wrong.map(([, source]) => tableText(source)).sort())
  expect(wrong.length / cases.length).toBeLessThan(0.01)
})

/** A source as it stands in a row of a table. */
function tableText(source: string): string {
  return source.replaceAll('|', '\\|').replaceAll('\n', '⏎')
}
