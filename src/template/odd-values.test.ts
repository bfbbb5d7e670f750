import { expect, test } from 'vitest'
import { MlopsError } from '../errors.ts'
import { evaluate, filterNames, lookupNames, open, render, type Scope, testNames } from './template.ts'

const values = [
  '-1',
  '2.5',
  'none',
  'true',
  '"a"',
  '""',
  '[]',
  '[1, "a", none]',
  '{}',
  '{"a": {"b": 1}}',
  '(1,)',
  'range(2)',
  'missing',
  '"a".encode()',
  '1e400',
  '"\\ud83d"',
  '99999999999999999999',
  '{1: 2}',
  'lookup',
  'now()',
  '"("',
]
const given = [
  '',
  '(1)',
  '("a")',
  '(none)',
  '([])',
  '({})',
  '(-1)',
  '(missing)',
  '(1, 2)',
  '("(", "a")',
  '(attribute="a")',
]
const operators = ['+', '-', '*', '/', '//', '%', '**', '~', '==', '<', 'in', 'and']
const nothing: Scope = { get: () => undefined, names: () => [] }

/** Expressions that neither give a value nor fail in a way that a person can put right. */
function broken(expressions: readonly string[]): string[] {
  return expressions.filter(expression => {
    try {
      evaluate(expression, nothing)
      return false
    } catch (error) {
      return !(error instanceof MlopsError)
    }
  })
}

test('whatever a filter is given, it gives a value or an error that a person can read', () => {
  // The work of password_hash is slow on purpose.
  const names = filterNames.filter(name => name !== 'password_hash')
  expect(broken(values.flatMap(v => given.flatMap(g => names.map(name => `(${v}) | ${name}${g}`))))).toEqual([])
})

test('whatever a test is given, it gives a value or an error that a person can read', () => {
  expect(broken(values.flatMap(v => given.flatMap(g => testNames.map(name => `(${v}) is ${name}${g}`))))).toEqual([])
})

test('whatever a lookup is given, it gives a value or an error that a person can read', () => {
  // These run commands or write files.
  const names = lookupNames.filter(name => !['pipe', 'lines', 'password'].includes(name))
  expect(broken(values.flatMap(v => names.map(name => `lookup('${name}', ${v})`)))).toEqual([])
})

test('whatever an operator is given, it gives a value or an error that a person can read', () => {
  expect(broken(values.flatMap(a => operators.flatMap(o => values.map(b => `(${a}) ${o} (${b})`))))).toEqual([])
  expect(broken(values.flatMap(a => values.map(b => `(${a})[${b}]`)))).toEqual([])
})

test('pieces of templates in any order give text, or an error that a person can read', () => {
  const pieces =
    '{{ }} {% %} {# #} a | upper is not if else for endfor endif set = ( ) [ ] { } , : . 1 "x" \' \\ - macro raw'
  const words = pieces.split(' ')
  let seed = 7
  const next = (): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed / 2147483648
  }
  for (let i = 0; i < 5000; i++) {
    const text = Array.from(
      { length: 1 + Math.floor(next() * 12) },
      () => words[Math.floor(next() * words.length)],
    ).join(' ')
    for (const run of [() => render(text, nothing), () => open(`{{ ${text} }}`, nothing)]) {
      try {
        run()
      } catch (error) {
        expect(error, text).toBeInstanceOf(MlopsError)
      }
    }
  }
})
