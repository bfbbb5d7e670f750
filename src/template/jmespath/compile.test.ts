import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { open, plain, type Scope } from '../template.ts'
import { compile } from './compile.ts'

interface Answers {
  readonly data: unknown
  /** A query with the answer of Python's jmespath; without one where that refuses it. */
  readonly cases: readonly (readonly [query: string, answer?: unknown])[]
}

const file = new URL('../../../test/data/jmespath.json', import.meta.url)
const { data, cases }: Answers = JSON.parse(readFileSync(file, 'utf8'))

const answered = cases.flatMap(([query, ...answer]) => (answer.length > 0 ? [{ query, answer: answer[0] }] : []))
const refused = cases.flatMap(([query, ...answer]) => (answer.length > 0 ? [] : [{ query }]))

test.each(answered)('$query gives what Python’s jmespath gives', ({ query, answer }) => {
  expect(plain(compile(query)(data))).toEqual(answer)
})

test.each(refused)('$query is refused, as by Python’s jmespath', ({ query }) => {
  expect(() => compile(query)(data)).toThrow('json_query: ')
})

test.each([
  ['a[', 'json_query: `a[` ends too early'],
  ['a ? b', 'json_query: `a ? b` cannot be read at its character 3'],
  ['a b', 'json_query: `a b` cannot be read at its character 3'],
  ['lenght(a)', 'json_query: there is no function `lenght`; did you mean `length`?'],
  ["join(`1`, 'a')", 'json_query: a function wants a list, not string'],
])('%s is told as %s', (query, message) => {
  expect(() => compile(query)(null)).toThrow(message)
})

test('the filter asks values with templates in them', () => {
  const values: Readonly<Record<string, unknown>> = { x: 5, hosts: [{ port: '{{ x }}', name: 'a' }, { name: 'b' }] }
  const scope: Scope = {
    get: name => (name in values ? { value: values[name], open: true } : undefined),
    names: () => Object.keys(values),
  }
  expect(plain(open('{{ hosts | json_query("[?port].[name, port]") }}', scope))).toEqual([['a', 5]])
  expect(plain(open("{{ hosts | community.general.json_query('[*].name') | join(',') }}", scope))).toBe('a,b')
})
