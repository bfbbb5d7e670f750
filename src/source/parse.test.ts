import { expect, test } from 'vitest'
import { explain, MlopsError } from '../errors.ts'
import { open } from '../template/template.ts'
import { vaultTemplate } from '../vault/value.ts'
import { literalTemplate, unsafeText } from './careful.ts'
import { at, data, json } from './node.ts'
import { parse, parseOne } from './parse.ts'

function read(text: string): unknown {
  return data(parseOne(text, 'a.yml').root)
}

function complaint(text: string): string {
  try {
    parse(text, 'a.yml')
  } catch (error) {
    if (error instanceof MlopsError) return explain(error)
    throw error
  }
  return 'no error'
}

test.each<[string, unknown]>([
  ['yes', true],
  ['On', true],
  ['FALSE', false],
  ['off', false],
  ['y', 'y'],
  ['n', 'n'],
  ['yEs', 'yEs'],
  ['~', null],
  ['null', null],
  ['nULL', 'nULL'],
  ['0', 0],
  ['-12', -12],
  ['+7', 7],
  ['1_000', 1000],
  ['0644', 420],
  ['08', '08'],
  ['0o17', '0o17'],
  ['0x1F', 31],
  ['-0b101', -5],
  ['22:30', 1350],
  ['1:60', '1:60'],
  ['12345678901234567890', 12345678901234567890n],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['1e3', '1e3'],
  ['1.5e3', '1.5e3'],
  ['1.25e+2', 125],
  ['1.2.3', '1.2.3'],
  ['.inf', Infinity],
  ['-.INF', -Infinity],
  ['.', '.'],
  ['-', [null]],
  ['2024-01-31', '2024-01-31'],
  ['"yes"', 'yes'],
  ["'12'", '12'],
  ['!!str 12', '12'],
  ['!!int "12"', 12],
  ['=', '='],
])('the scalar %s is read as Ansible reads it', (text, value) => {
  const is = read(text)
  expect(is !== null && typeof is === 'object' && !Array.isArray(is) ? Number(is) : is).toEqual(value)
})

test('a float with an integral value stays a float', () => {
  expect(read('3.0')).not.toBe(3)
  expect(Number(read('3.0'))).toBe(3)
  expect(json(parseOne('3.0', 'a.yml').root)).toBe(3)
})

test('mappings with keys that are no strings become Maps', () => {
  expect(read('80: web\nyes: on')).toEqual(
    new Map<unknown, unknown>([
      [80, 'web'],
      [true, true],
    ]),
  )
  expect(json(parseOne('80: web', 'a.yml').root)).toEqual({ 80: 'web' })
})

test('`__proto__` is a key like any other', () => {
  const value = read('__proto__: {polluted: 1}')
  expect(Object.keys(value ?? {})).toEqual(['__proto__'])
  expect('polluted' in {}).toBe(false)
})

test('merge keys give way to keys that are written out, and earlier ones win', () => {
  const text = 'a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: 3\n'
  expect(read(text)).toEqual({ a: { x: 1, y: 1 }, b: { y: 2, z: 2 }, c: { x: 3, y: 1, z: 2 } })
})

test('every value knows where it stands', () => {
  const root = parseOne('a:\n  - b: "c d"\n    e: 5\n', 'a.yml').root
  const node = at(root, ['a', 0, 'b'])
  expect(node?.at).toEqual({ file: 'a.yml', line: 2, column: 8, length: 5, text: '  - b: "c d"' })
  expect(node?.kind === 'scalar' && node.contentAt.column).toBe(9)
  expect(node?.kind === 'scalar' && node.locate(2).column).toBe(11)
})

test.each<[string, string, number, number]>([
  ['a: one two', 'two', 1, 8],
  ['a: "one two"', 'two', 1, 9],
  ['a: one\n  two\n    three', 'three', 3, 5],
  ["a: 'it''s two'", 'two', 1, 11],
  ['a: "a\\nb \\"two\\""', 'two', 1, 12],
  ['a: |\n  one\n    two\n  three\n', 'three', 4, 3],
  ['a: >\n  one\n  two\n', 'two', 3, 3],
  ['a: "\\u00e9 two"', 'two', 1, 4],
])('in %j the text %s is found', (text, part, line, column) => {
  const node = at(parseOne(text, 'a.yml').root, ['a'])
  if (node?.kind !== 'scalar') throw new Error('a scalar is expected')
  expect(node.locate(String(node.value).indexOf(part), part.length)).toMatchObject({ line, column })
})

test('the content of a block begins in its first line', () => {
  const node = at(parseOne('a: |\n  text\n  more\n', 'a.yml').root, ['a'])
  expect(node?.kind === 'scalar' && node.contentAt).toMatchObject({ line: 2, column: 3, text: '  text' })
})

test('a key given twice is a warning, and the last one counts', () => {
  const { root, warnings } = parseOne('a: 1\nb: 2\na: 3\n', 'a.yml')
  expect(data(root)).toEqual({ a: 3, b: 2 })
  expect(warnings).toMatchObject([{ message: 'the key `a` is given twice; the last one counts', at: { line: 3 } }])
})

test('unsafe text is kept as a template that gives exactly that text', () => {
  expect(read(`a: !unsafe "it's {{ x }}"\nb: !unsafe plain\nc: !unsafe ['{% y']`)).toEqual({
    a: "{{ 'it\\'s {{ x }}' }}",
    b: 'plain',
    c: ["{{ '{% y' }}"],
  })
})

test('an encrypted value is a complaint only where it is used', () => {
  expect(read('a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3236\n')).toEqual({
    a: vaultTemplate('$ANSIBLE_VAULT;1.1;AES256\n3236'),
  })
})

test('an empty text is one empty document', () => {
  expect(read('')).toBe(null)
  expect(read('# only a comment\n')).toBe(null)
  expect(parse('--- 1\n--- 2\n', 'a.yml').map(d => data(d.root))).toEqual([1, 2])
})

test('a template without quotes is told how to be written', () => {
  expect(complaint('a: {{ x }}\n')).toBe(`error: a value that begins with a template must be quoted
  --> a.yml:1:4
1 | a: {{ x }}
  |    ^^^^^^^
hint: write it as "{{ … }}"`)
  expect(complaint('a: {{ x }}/bin\n')).toBe(`error: a value that begins with a template must be quoted
  --> a.yml:1:4
1 | a: {{ x }}/bin
  |    ^^^^^^^
hint: put the whole value in quotes: "{{ … }} …"`)
})

test('several mistakes are told at once', () => {
  expect(complaint('a: b: c\nd: @e\nf:\n\t- g\n')).toBe(`error: a second \`: \` in one value
  --> a.yml:1:4
1 | a: b: c
  |    ^
hint: quote the value, or put the mapping on lines of its own, indented

error: a plain value cannot begin with \`@\`
  --> a.yml:2:4
2 | d: @e
  |    ^
hint: quote it

error: a tab cannot indent; YAML wants blanks
  --> a.yml:4:1
4 | \t- g
  | ^`)
})

test.each([
  ['a: "{{ x }}"/b\n', 'text behind a closed quote'],
  ["a: 'it's'\n", 'text behind a closed quote'],
  ['a: "b\n', 'the quote is never closed'],
  ['a: {b: {c: 1}\n', 'a `{` that stands before is not closed up to here'],
  ['{"a": {"b": 1}', 'a `{` that stands before is not closed up to here'],
  ['a: [1, 2\nb: 3\n', 'a `[` that stands before is not closed up to here'],
  ['- a: 1\n  b: 2\n c: 3\n', 'this is neither part of the list item above nor a new item'],
  ['a: "\\q"\n', '`\\q` is no escape of a double-quoted value'],
  ['a: !foo b\n', 'unknown tag `!foo`'],
  ['a: !Ref [b]\n', 'unknown tag `!Ref`'],
  ['a: &here 1\nb: *hre\n', 'there is no anchor `&hre` before this alias'],
  ['a: &a [*a]\n', 'the alias `*a` stands inside of what it refers to'],
  ['a:\n  <<: 5\n', '`<<` takes a mapping or a list of mappings'],
  ['[a]: b\n', 'a mapping or list cannot be a key'],
])('%j says: %s', (text, message) => {
  expect(complaint(text).split('\n')[0]).toBe(`error: ${message}`)
})

test('aliases that multiply are refused', () => {
  let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n'
  for (let i = 1; i < 8; i++)
    text += `a${i}: &a${i} [${Array(10)
      .fill(`*a${i - 1}`)
      .join(', ')}]\n`
  expect(complaint(text)).toContain('the aliases of this file repeat too much')
})

test.each<[string, string, unknown]>([
  ['double quotes', 'a:\n  b: "{{\n  x\n  + y\n  }}"\n  c: 1\n', { a: { b: '{{ x + y }}', c: 1 } }],
  ['single quotes', "a:\n  b: 'x\ny'\nc: 1\n", { a: { b: 'x y' }, c: 1 }],
  ['a flow list', '- a:\n    b: [1,\n  2\n]\n    c: 3\n', [{ a: { b: [1, 2], c: 3 } }]],
  ['a flow mapping', 'a:\n  b: {\n  x: "1\n2",\n  y: z\n  }\nc: 1\n', { a: { b: { x: '1 2', y: 'z' } }, c: 1 }],
])('lines inside of %s may stand further left than what is around them, as in PyYAML', (_, text, expected) => {
  expect(read(text)).toEqual(expected)
})

test('a quote that is never closed is still an error', () => {
  expect(complaint('a:\n  b: "x\nc: 1\n')).toContain('error: the quote is never closed\n')
})

test.each([
  '{{ x }}',
  "it's {{ x }}\nend\n",
  String.raw`{{ x }} \n \\ '\'`,
  '\\{%',
  'a\r\n{# b',
  "'{{'",
  "{{ '%c' }}",
])('a literal template of %j gives exactly that, however backslashes are read', text => {
  const template = literalTemplate(text)
  for (const backslashes of [undefined, 'kept'] as const) {
    expect(open(template, { get: () => undefined, names: () => [] }, { backslashes })).toBe(text)
  }
  expect(unsafeText(template)).toBe(text)
})
