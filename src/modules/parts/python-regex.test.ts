import { expect, test } from 'vitest'
import { expand, pythonRegex, search } from './python-regex.ts'

const matches: [string, string, string | undefined][] = [
  ['^#?Port', '#Port 22\n', '#Port'],
  ['22$', 'Port 22\n', '22'],
  ['22\\Z', 'Port 22\n', undefined],
  ['(?P<key>\\w+)=(?P=key)', 'x=y a=a', 'a=a'],
  ['(?i)HELLO', 'hello', 'hello'],
  ['[]a]+', 'b]a]', ']a]'],
  ['[^]]+', 'a]', 'a'],
  ['[[]x', 'a[x', '[x'],
  ['a{,2}b', 'aaab', 'aab'],
  ['a{', 'a{', 'a{'],
  ['.+', 'a\rb\n', 'a\rb'],
  ['(?s)a.b', 'a\nb', 'a\nb'],
  ['(?x) a  b # comment', 'ab', 'ab'],
  ['(?#note)a(?=b)', 'ab', 'a'],
  ['(?<=x)a', 'xa', 'a'],
  ['\\.conf\\"\\-', '.conf"-', '.conf"-'],
  ['\\Aab', 'ab', 'ab'],
]

test.each(matches)('%j in %j finds %j', (source, text, found) => {
  expect(search(pythonRegex(source), text)?.[0]).toBe(found)
})

test('with several lines, ^ and $ stand at every line', () => {
  const regex = pythonRegex('^b$', { multiline: true })
  expect(search(regex, 'a\nb\nc')?.index).toBe(2)
  expect(search(regex, 'a\rb\rc')).toBeUndefined()
})

test.each(['(', '(?>a)', '(?i:a)', '\\k', 'a**', '[a'])('%j is refused', source => {
  expect(() => pythonRegex(source)).toThrow('invalid regular expression')
})

const replacements: [string, string][] = [
  ['\\1-\\2', 'key-value'],
  ['\\g<name>\\g<2>0', 'keyvalue0'],
  ['\\g<0>', 'key = value'],
  ['a\\tb\\\\\\n', 'a\tb\\\n'],
  ['\\. \\3$1', '\\. $1'],
]

test.each(replacements)('the replacement %j gives %j', (template, text) => {
  const match = search(pythonRegex('(?P<name>\\w+) = (\\w+)(x)?'), 'key = value')
  expect(match && expand(template, match)).toBe(text)
})

test.each(['\\q', '\\9', '\\g<none>'])('the replacement %j is refused', template => {
  const match = search(pythonRegex('a'), 'a')
  expect(() => match && expand(template, match)).toThrow()
})
