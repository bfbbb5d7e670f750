import { expect, test } from 'vitest'
import { float } from '../source/float.ts'
import { literal } from './literal.ts'

/** What Python's ast.literal_eval answers; what it refuses stays text. */
test.each<[string, unknown]>([
  ['5', 5],
  ['+5', 5],
  ['- 5', -5],
  ['--5', '--5'],
  ['5.', float(5)],
  ['.5', 0.5],
  ['1e3', float(1000)],
  ['1_000', 1000],
  ['1__0', '1__0'],
  ['00', 0],
  ['0644', '0644'],
  ['00.5', 0.5],
  ['0x1F', 31],
  ['0o17', 15],
  ['0b11', 3],
  ['0x', '0x'],
  ['1e400', Number.POSITIVE_INFINITY],
  ['9007199254740993', 9007199254740993n],
  ['-9007199254740993', -9007199254740993n],
  ['10.0.0.1', '10.0.0.1'],
  ['192.168.1.0/24', '192.168.1.0/24'],
  ['2021-01-01', '2021-01-01'],
  ['True', true],
  ['true', 'true'],
  ['Trueish', 'Trueish'],
  ['None', null],
  ['null', 'null'],
  ['yes', 'yes'],
  [`"a" 'b'`, 'ab'],
  [`"a"b`, '"a"b'],
  [`it's`, `it's`],
  [String.raw`"\x41\u00e9\101\n\q"`, 'AéA\n\\q'],
  [String.raw`r"\n"`, '\\n'],
  ['"""tri"""', 'tri'],
  ['"unclosed', '"unclosed'],
  [`[1, [2, 'x'],]`, [1, [2, 'x']]],
  ['[1 2]', '[1 2]'],
  ['[,]', '[,]'],
  ['[a]', '[a]'],
  ['(1, 2)', [1, 2]],
  ['(1)', 1],
  ['(1,)', [1]],
  ['1,2', [1, 2]],
  [`{'a': {'b': 1}}`, { a: { b: 1 } }],
  ['{1: 2}', new Map([[1, 2]])],
  ['{1, 2, 1}', [1, 2]],
  ['{"a": true}', '{"a": true}'],
  ['1 # one', 1],
  ['foo # two', 'foo # two'],
  ['"a" # b', 'a'],
  ['# c', '# c'],
  ['{{ a }}', '{{ a }}'],
  ['[ {{ a }} ]', '[ {{ a }} ]'],
  ['', ''],
  ['-o StrictHostKeyChecking=no', '-o StrictHostKeyChecking=no'],
])('%s is read as Python reads it', (text, value) => {
  expect(literal(text)).toEqual(value)
})

test('a key named __proto__ is a key like any other', () => {
  expect(Object.keys(Object(literal("{'__proto__': 1}")))).toEqual(['__proto__'])
})
