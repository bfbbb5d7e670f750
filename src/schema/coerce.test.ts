import { expect, test } from 'vitest'
import type { ArgTable } from './arguments.ts'
import { coerceArgs } from './coerce.ts'

const table = {
  path: { type: 'path', doc: 'd', required: true, aliases: ['dest', 'name'] },
  force: { type: 'bool', doc: 'd', default: true },
  count: { type: 'int', doc: 'd' },
  ratio: { type: 'float', doc: 'd' },
  names: { type: 'list', doc: 'd', elements: 'str' },
  ports: { type: 'list', doc: 'd', elements: 'int' },
  labels: { type: 'dict', doc: 'd' },
  upgrade: { type: 'str', doc: 'd', choices: ['no', 'yes', 'dist'] },
  anything: { type: 'raw', doc: 'd' },
  selevel: { type: 'str', doc: 'd', unsupported: 'SELinux is left alone' },
} as const satisfies ArgTable

const converted: [string, unknown, unknown][] = [
  ['force', 'yes', true],
  ['force', 'Off', false],
  ['force', 0, false],
  ['force', 't', true],
  ['count', ' 12 ', 12],
  ['count', '-3', -3],
  ['count', true, 1],
  ['count', 7n, 7],
  ['ratio', '1.5', 1.5],
  ['ratio', 2, 2],
  ['path', 12, '12'],
  ['path', true, 'True'],
  ['path', 0.00001, '1e-05'],
  ['path', 2.5, '2.5'],
  ['path', ['a', 1, null, "it's"], `['a', 1, None, "it's"]`],
  ['path', { a: { b: false } }, "{'a': {'b': False}}"],
  ['names', 'a, b,c', ['a', 'b', 'c']],
  ['names', 'single', ['single']],
  ['names', 5, ['5']],
  ['names', '', []],
  ['names', [1, true], ['1', 'True']],
  ['ports', ['80', 443], [80, 443]],
  ['labels', '{"a": 1}', { a: 1 }],
  ['labels', 'a=1, b="x y"', { a: '1', b: 'x y' }],
  ['labels', new Map([['k', 1]]), { k: 1 }],
  ['upgrade', true, 'yes'],
  ['upgrade', 'dist', 'dist'],
  ['anything', { a: [1] }, { a: [1] }],
]

test.each(converted)('`%s` given as %o becomes %o', (name, given, wanted) => {
  const { args, problems } = coerceArgs(table, { path: '/x', [name]: given })
  expect(problems).toEqual([])
  expect(args[name]).toEqual(wanted)
})

const refused: [Record<string, unknown>, string][] = [
  [{ force: 'perhaps' }, '`force` must be a boolean (yes or no), not "perhaps"'],
  [{ count: '1.5' }, '`count` must be a whole number, not "1.5"'],
  [{ count: 1.5 }, '`count` must be a whole number, not 1.5'],
  [{ ratio: 'x' }, '`ratio` must be a number, not "x"'],
  [{ names: { a: 1 } }, "`names` must be a list, not {'a': 1}"],
  [{ ports: ['x'] }, '`ports` must be a whole number, not "x"'],
  [{ labels: 'plain' }, '`labels` must be a dict, not "plain"'],
  [{ labels: [1] }, '`labels` must be a dict, not [1]'],
  [{ upgrade: 'never' }, '`upgrade` must be one of no, yes, dist, not "never"'],
  [{ selevel: 's0' }, '`selevel` is not supported: SELinux is left alone'],
  [{ forse: true }, 'no argument `forse`; did you mean `force`?'],
]

test.each(refused)('%o is refused with a line that says why', (given, problem) => {
  expect(coerceArgs(table, { path: '/x', ...given }).problems).toEqual([problem])
})

test('aliases stand for their argument, defaults are filled in, and null is not given', () => {
  expect(coerceArgs(table, { dest: '/a', force: null }).args).toEqual({ path: '/a', force: true })
  expect(coerceArgs(table, { name: '/b', path: '/a' }).args.path).toBe('/a')
  expect(coerceArgs(table, { path: null }).problems).toEqual(['missing required arguments: path'])
})

test('every problem is reported at once', () => {
  expect(coerceArgs(table, { force: 'x', count: 'y', nonsense: 1 }).problems).toHaveLength(4)
})
