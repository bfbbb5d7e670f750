import { expect, test } from 'vitest'
import { checkReplacement, expand, pythonRegex, search } from './python-regex.ts'

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
  ['\\w+', '-été2 x', 'été2'],
  ['\\bt', 'ét t', 't'],
  ['[^\\W_]+', '_ab', 'ab'],
  ['[\\w.-]+', ' a-b.c ', 'a-b.c'],
  ['[\\w-.]+', ' a-b.c ', 'a-b.c'],
  ['[\\-\\]\\[a]+', '[a-]', '[a-]'],
  ['.', '😀', '😀'],
  ['[😀x]', 'a😀', '😀'],
  ['\\"a\\ \\#\\!\\@\\%\\=\\:\\,\\~\\&\\/', '"a #!@%=:,~&/', '"a #!@%=:,~&/'],
  ['}]{', '}]{', '}]{'],
  ['a{2}', 'aaa', 'aa'],
  ['a{2,}', 'aaa', 'aaa'],
  ['\\x41\\u00e9\\0611', 'Aé11', 'Aé11'],
  ['\\d', '٣', '٣'],
  ['\\s', 'a\u00a0', '\u00a0'],
  ['(?a)\\w+', 'été', 't'],
  ['(a)\\1', 'aa', 'aa'],
  ['\\_[\\_]', 'a__', '__'],
  ['\\101', 'bA', 'A'],
]

test.each(matches)('%j in %j finds %j', (source, text, found) => {
  expect(search(pythonRegex(source), text)?.[0]).toBe(found)
})

test('with several lines, ^ and $ stand at every line', () => {
  const regex = pythonRegex('^b$', { multiline: true })
  expect(search(regex, 'a\nb\nc')?.index).toBe(2)
  expect(search(regex, 'a\rb\rc')).toBeUndefined()
})

test('for bytes, letters are those of ASCII', () => {
  expect(search(pythonRegex('\\w+\\b', { ascii: true }), 'été')?.[0]).toBe('t')
  expect(search(pythonRegex('[\\w\\s]+', { ascii: true }), 'é\u00a0a b')?.[0]).toBe('a b')
})

test('a replacement that names a group too many is refused before anything is found', () => {
  expect(() => checkReplacement('\\2', pythonRegex('(?i)(a)'))).toThrow('invalid group reference 2')
  expect(() => checkReplacement('\\g<x>', pythonRegex('(?P<y>a)'))).toThrow('invalid group reference x')
  checkReplacement('\\g<y>\\1', pythonRegex('(?P<y>a)'))
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
