import { expect, test } from 'vitest'
import { parseKeyValues } from './key-values.ts'

function read(text: string, command = false): unknown {
  const found = parseKeyValues(text, { command })
  return found && { ...Object.fromEntries(found.pairs), ...(found.rest === '' ? {} : { rest: found.rest }) }
}

// The expected values are what ansible-core 2.14 answers for the same texts.
test.each<[string, Record<string, string> | undefined]>([
  ['update_cache=yes upgrade=dist', { update_cache: 'yes', upgrade: 'dist' }],
  ['name={{inventory_hostname}}', { name: '{{inventory_hostname}}' }],
  ['pkg={{ item }} state=latest', { pkg: '{{ item }}', state: 'latest' }],
  [
    `dest=/etc/hosts regexp='.*{{ item }}$' line="{{ a }} {{item}}"`,
    { dest: '/etc/hosts', regexp: '.*{{ item }}$', line: '{{ a }} {{item}}' },
  ],
  [`a='x y' b="p q" c=plain`, { a: 'x y', b: 'p q', c: 'plain' }],
  [`msg={{ foo | default('x y') }} z=2`, { msg: "{{ foo | default('x y') }}", z: '2' }],
  [`msg="{{ lookup("env", "HOME") }}" x=1`, { msg: '{{ lookup("env", "HOME") }}', x: '1' }],
  [`content='{"mtu": 1450}' dest=/etc/x`, { content: '{"mtu": 1450}', dest: '/etc/x' }],
  ['a={% if x == 2 %}1{% endif %} b=3', { a: '{% if x == 2 %}1{% endif %}', b: '3' }],
  ['a={% if x %}1 2{% endif %} b=3', { a: '{% if x %}1', b: '3', rest: '2{% endif %}' }],
  ['a=b=c d==e', { a: 'b=c', d: '=e' }],
  ['a=1\\n2', { a: '1\n2' }],
  ['a=\\u00e9', { a: 'é' }],
  ["a= b=''", { a: '', b: '' }],
  ['a\\=b c=d', { c: 'd', rest: 'a=b' }],
  ['file.yml', { rest: 'file.yml' }],
  [`a="x`, undefined],
  ['a={{ x', undefined],
])('arguments %j', (text, value) => {
  expect(read(text)).toEqual(value)
})

test.each<[string, Record<string, string> | undefined]>([
  ['ls -l  /tmp creates=/x chdir=/y', { creates: '/x', chdir: '/y', rest: 'ls -l  /tmp ' }],
  ['echo a=b c=d', { rest: 'echo a=b c=d' }],
  ['cd /x; FOO=bar make creates=/z', { creates: '/z', rest: 'cd /x; FOO=bar make ' }],
  ["foo {{ a b }} creates='/x y'", { creates: '/x y', rest: 'foo {{ a b }} ' }],
  ['for i in 1 2; do\n  echo $i\ndone\n', { rest: 'for i in 1 2; do\n  echo $i\ndone\n' }],
  ['echo "hi\\nthere"', { rest: 'echo "hi\\nthere"' }],
  ["grep -E '^a\\s+b' f", { rest: "grep -E '^a\\s+b' f" }],
])('the command %j', (text, value) => {
  const is = read(text, true)
  expect(trimmed(is)).toEqual(trimmed(value))
})

/** Blanks at the end of a command mean nothing. */
function trimmed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null), (key, part) => (key === 'rest' ? part.trimEnd() : part))
}
