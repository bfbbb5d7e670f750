import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MlopsError } from '../errors.ts'
import {
  check,
  checkExpression,
  evaluate,
  hasTemplate,
  test as holds,
  omit,
  open,
  plain,
  render,
  runLookup,
  type Scope,
  scopeDict,
  type TemplateOptions,
} from './template.ts'

/** Variables that people wrote: their texts are templates. */
function written(values: Readonly<Record<string, unknown>>): Scope {
  return scope(values, true)
}

/** Values that hosts said. */
function said(values: Readonly<Record<string, unknown>>): Scope {
  return scope(values, false)
}

function scope(values: Readonly<Record<string, unknown>>, opens: boolean): Scope {
  return {
    get: name => (Object.hasOwn(values, name) ? { value: values[name], open: opens } : undefined),
    names: () => Object.keys(values),
  }
}

function failing(run: () => unknown): MlopsError {
  try {
    run()
  } catch (error) {
    if (error instanceof MlopsError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

function folder(files: Readonly<Record<string, string>>): TemplateOptions {
  const path = mkdtempSync(join(tmpdir(), 'mlops-template-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return { searchPath: [path] }
}

test('a text that is one expression becomes its value, any other text stays text', () => {
  const vars = written({ list: [1, 2], n: 3 })
  expect(open('{{ list }}', vars)).toEqual([1, 2])
  expect(open('{{ n }}', vars)).toBe(3)
  expect(open('{{ n }} ', vars)).toBe('3 ')
  expect(open('{{ n }}{{ n }}', vars)).toBe('33')
  expect(open('{% set m = n %}{{ m }}', vars)).toBe(3)
  expect(open('{% if n > 2 %}{{ list }}{% else %}none{% endif %}', vars)).toEqual([1, 2])
  expect(open('{% if n > 5 %}{{ list }}{% else %}none{% endif %}', vars)).toBe('none')
  const filled = '{% set r = [] %}{% for i in list %}{% set _ = r.append(i) %}{% endfor %}{{ r }}'
  expect(open(filled, vars)).toEqual([1, 2])
  expect(
    open(filled.replace('{% set _', '{% if i > 1 %}{% set _').replace('{% endfor', '{% endif %}{% endfor'), vars),
  ).toEqual([2])
  expect(open(filled.replace('{% endfor', '+{% endfor'), vars)).toBe('++[1, 2]')
  expect(open('{% if n > 2 %}{% set n = 1 %}{% endif %}{{ n }}', vars)).toBe(1)
})

test('values without templates come back as they are', () => {
  const value = { a: [1, 'x'], b: { c: null } }
  expect(open(value, written({}))).toBe(value)
  expect(open(7, written({}))).toBe(7)
})

test('templates are opened deep inside lists and dicts, in keys too', () => {
  const vars = written({ who: 'web', port: 80 })
  expect(open({ '{{ who }}': ['{{ port }}', { x: 'p{{ port }}' }] }, vars)).toEqual({ web: [80, { x: 'p80' }] })
})

test('a dict that a template made is a plain object, unless its keys are no strings', () => {
  expect(open("{{ {'a': {'b': 1}} }}", written({}))).toStrictEqual({ a: { b: 1 } })
  expect(open("{{ {1: 'a'} }}", written({}))).toStrictEqual(new Map([[1, 'a']]))
  expect(plain(open('{{ {1: (2, 3.0)} }}', written({})))).toStrictEqual({ '1': [2, 3] })
})

test('a key named __proto__ is a key like any other', () => {
  const result = open("{{ {'__proto__': {'polluted': 1}} | combine({'a': 2}) }}", written({}))
  expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
  expect(Object.keys(Object(result))).toEqual(['__proto__', 'a'])
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
})

test('a variable is opened when it is read, item by item', () => {
  const vars = written({ d: { a: '{{ n }}', b: '{{ missing }}' }, list: ['{{ n }}', 'x'], n: 1 })
  expect(open('{{ d.a }}', vars)).toBe(1)
  expect(open('{{ list[0] + 1 }}', vars)).toBe(2)
  expect(failing(() => open('{{ d }}', vars)).message).toBe("'missing' is undefined")
})

test('what hosts said is never taken for a template', () => {
  expect(open('{{ out }}', said({ out: '{{ 7 * 7 }}' }))).toBe('{{ 7 * 7 }}')
  expect(
    open('{{ a }}', {
      get: n => (n === 'a' ? { value: '{{ b }}', open: true } : { value: '{{ c }}', open: false }),
      names: () => ['a', 'b'],
    }),
  ).toBe('{{ c }}')
})

test('variables that need each other are an error that names them', () => {
  const vars = written({ a: '{{ b }}', b: 'x{{ c.d }}', c: { d: '{{ a }}' } })
  const error = failing(() => open('{{ a }}', vars))
  expect(error.code).toBe('template.recursion')
  expect(error.message).toContain('a → b → c.d → a')
})

test('endless recursion of macros is an error, not a crash', () => {
  expect(failing(() => render('{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}', written({}))).code).toBe(
    'template.recursion',
  )
})

test('an undefined name is an error with its place and near names', () => {
  const at = { file: 'site.yml', line: 4, column: 11, text: '    msg: "hello {{ inventory_hostnam }}"' }
  const error = failing(() => open('hello {{ inventory_hostnam }}', written({ inventory_hostname: 'a' }), { at }))
  expect(error.code).toBe('template.undefined')
  expect(error.message).toBe("'inventory_hostnam' is undefined")
  expect(error.at).toMatchObject({ file: 'site.yml', line: 4, column: 20 })
  expect(error.hint).toBe('did you mean `inventory_hostname`?')
})

test('a missing key is an error with the near keys of its dict', () => {
  const error = failing(() => evaluate('host.adress', written({ host: { address: 1 } })))
  expect(error.message).toBe("'dict object' has no attribute 'adress'")
  expect(error.hint).toBe('did you mean `address`?')
})

test('in a block of several lines the error has the line of the file', () => {
  const at = { file: 'site.yml', line: 10, column: 10, text: '    copy: |' }
  expect(failing(() => open('a\nb {{ nope }}\n', written({}), { at })).at).toMatchObject({ line: 12, column: 6 })
})

test('in a template file the error has line and column', () => {
  const at = { file: 'x.j2', line: 1, column: 1 }
  expect(failing(() => render('a\n  {{ 1 / 0 }}\n', written({}), { at })).at).toEqual({
    file: 'x.j2',
    line: 2,
    column: 8,
    text: '  {{ 1 / 0 }}',
  })
})

test('an error in a variable points to where the variable was set', () => {
  const place = { file: 'group_vars/all.yml', line: 3, column: 1 }
  const vars: Scope = {
    get: name => (name === 'v' ? { value: '{{ 1 / 0 }}', open: true, at: place } : undefined),
    names: () => ['v'],
  }
  expect(failing(() => evaluate('v', vars, { at: { file: 'site.yml', line: 1, column: 1 } })).at?.file).toBe(
    'group_vars/all.yml',
  )
})

test('attributes of what is undefined are undefined, and default catches them', () => {
  expect(evaluate("a.b.c | default('x')", written({}))).toBe('x')
  expect(evaluate("a.b.c | default('x')", written({ a: {} }))).toBe('x')
  expect(evaluate('v is defined', written({ v: 'x-{{ nope }}' }))).toBe(false)
  expect(evaluate('v | default(1)', written({ v: 'x-{{ nope }}' }))).toBe(1)
})

test('a foreign exception of the scope passes through everything', () => {
  const signal = new Error('not yet')
  const vars: Scope = {
    get: name => {
      if (name === 'later') throw signal
      return name === 'v' ? { value: '{{ later }}', open: true } : undefined
    },
    names: () => [],
  }
  for (const text of [
    'later',
    'later | default(1)',
    'later is defined',
    'v | default(1)',
    "lookup('vars', 'later', errors='ignore')",
  ]) {
    expect(() => evaluate(text, vars)).toThrow(signal)
  }
})

test('conditions hold by truth; a text is not evaluated twice', () => {
  const vars = written({ yes: 'no', n: 0, list: [], cond: 'n == 0' })
  expect(holds(true, vars)).toBe(true)
  expect(holds('', vars)).toBe(true)
  expect(holds('yes', vars)).toBe(true)
  expect(holds('n', vars)).toBe(false)
  expect(holds('list', vars)).toBe(false)
  expect(holds('cond', vars)).toBe(true)
  expect(holds('n == 0 and not list', vars)).toBe(true)
  expect(failing(() => holds('nope', vars)).code).toBe('template.undefined')
})

test('a condition in braces is opened and then evaluated, with a warning', () => {
  const warnings: string[] = []
  const options = { onWarning: (message: string) => void warnings.push(message) }
  expect(holds('{{ n }} == 3', written({ n: 3 }), options)).toBe(true)
  expect(holds("{{ word }} == 'x'", written({ word: 'name', name: 'x' }), options)).toBe(true)
  expect(warnings.length).toBe(2)
})

test('omit is a value of its own, and no text', () => {
  const vars = said({ omit })
  expect(open('{{ nope | default(omit) }}', vars)).toBe(omit)
  expect(failing(() => open('a {{ omit }}', vars)).message).toContain('omit')
})

test('templates that change lists do not change the variables', () => {
  const values = { list: [1], d: { a: 1 } }
  const text = '{% set _ = list.append(2) %}{% set _ = d.update({"b": 2}) %}{{ list }}{{ d }}'
  expect(render(text, said(values))).toBe("[1, 2]{'a': 1, 'b': 2}")
  expect(values).toEqual({ list: [1], d: { a: 1 } })
})

test('a first line #jinja2 sets options of a template file', () => {
  const text = '#jinja2: trim_blocks: False, lstrip_blocks: True\n  {% if true %}\nx\n  {% endif %}\n'
  expect(render(text, written({}))).toBe('\nx\n')
})

test('templates include others from the search path', () => {
  const options = folder({ 'a.j2': "{% include 'b.j2' %}!", 'b.j2': 'b={{ x }}' })
  expect(render("{% include 'a.j2' %}", written({ x: 1 }), options)).toBe('b=1!')
})

test('an error in an included template names its file and line', () => {
  const options = folder({ 'bad.j2': 'one\n{{ nope }}' })
  const error = failing(() => render("{% include 'bad.j2' %}", written({}), options))
  expect(error.at?.file.endsWith('/bad.j2')).toBe(true)
  expect(error.at?.line).toBe(2)
})

test('vars reads variables by name, opened', () => {
  expect(evaluate("vars['a']", written({ a: '{{ b }}', b: 2 }))).toBe(2)
  expect(evaluate("lookup('vars', 'a')", written({ a: '{{ b }}', b: 2 }))).toBe(2)
  expect(evaluate("lookup('vars', 'zz', default='d')", written({}))).toBe('d')
})

test('variables of another host are opened with its own names', () => {
  const other = scopeDict(written({ ip: '10.0.0.{{ n }}', n: 2 }))
  const vars = said({ hostvars: { db: other }, n: 9 })
  expect(evaluate("hostvars['db'].ip", vars)).toBe('10.0.0.2')
  expect(evaluate("hostvars.db.nope | default('-')", vars)).toBe('-')
  expect(evaluate('hostvars.db | dict2items | length', vars)).toBe(2)
})

test('plugins add lookups and globals', () => {
  const options = {
    plugins: {
      lookups: { shout: (terms: readonly unknown[]) => terms.map(t => `${String(t)}!`) },
      globals: { answer: 42 },
    },
  }
  expect(evaluate("lookup('shout', 'a') ~ answer", written({}), options)).toBe('a!42')
})

test('all that is wrong with a template is reported before it is used', () => {
  const at = { file: 'a.yml', line: 2, column: 1 }
  const errors = check("{{ x | uper }} {{ x is defned }} {{ lookup('fil', 'a') }}", at)
  expect(errors.map(e => [e.message, e.hint])).toEqual([
    ['there is no filter `uper`', 'did you mean `upper`?'],
    ['there is no test `defned`', 'did you mean `defined`?'],
    ['there is no lookup `fil`', 'did you mean `file`?'],
  ])
  expect(errors[0]?.at).toMatchObject({ file: 'a.yml', line: 2, column: 8 })
  expect(check('{{ a + }}', at).map(e => e.code)).toEqual(['template.syntax'])
  expect(check('no template }}', at)).toEqual([])
  expect(checkExpression('a | ansible.builtin.upper == 1')).toEqual([])
  expect(checkExpression('a ==').map(e => e.code)).toEqual(['template.syntax'])
})

test('what is not supported says so, and what to do instead', () => {
  const [error] = check('{{ x | ipaddr }}')
  expect(error?.code).toBe('template.unsupported')
  expect(error?.hint).toContain('ipcalc')
  expect(check("{{ lookup('dig', 'example.org') }}")[0]?.code).toBe('template.unsupported')
  expect(check('{{ a | ansible.utils.ipaddr }}')[0]?.code).toBe('template.unsupported')
})

test('loops of with_NAME get the items of their lookup', () => {
  const vars = written({})
  const items = (name: string, terms: unknown[]): unknown => plain(runLookup(name, terms, vars))
  expect(items('items', [1, [2, [3]]])).toEqual([1, 2, [3]])
  expect(items('list', [1, [2]])).toEqual([1, [2]])
  expect(items('flattened', [1, [2, [3]]])).toEqual([1, 2, 3])
  expect(items('dict', [{ a: 1 }])).toEqual([{ key: 'a', value: 1 }])
  expect(items('sequence', ['start=0 end=4 stride=2 format=h%02d'])).toEqual(['h00', 'h02', 'h04'])
  expect(items('sequence', ['count=2'])).toEqual(['1', '2'])
  expect(items('sequence', ['5-1/-2'])).toEqual(['5', '3', '1'])
  expect(items('together', [['a', 'b'], [1]])).toEqual([
    ['a', 1],
    ['b', null],
  ])
  expect(
    items('nested', [
      ['a', 'b'],
      [1, 2],
    ]),
  ).toEqual([
    ['a', 1],
    ['a', 2],
    ['b', 1],
    ['b', 2],
  ])
  expect(items('indexed_items', [['a', 'b']])).toEqual([
    [0, 'a'],
    [1, 'b'],
  ])
  expect(items('subelements', [[{ n: 1, l: ['x', 'y'] }], 'l'])).toEqual([
    [{ n: 1 }, 'x'],
    [{ n: 1 }, 'y'],
  ])
})

test('lookups of files read, find and glob', () => {
  const options = folder({
    'a.txt': 'hello\n',
    'b.txt': '',
    'c.csv': 'k,1\nj,2\n',
    'd.ini': '[s]\nkey = v\n',
    't.j2': 'x={{ x }}\n',
  })
  const vars = written({ x: 1 })
  const at = (text: string): unknown => evaluate(text, vars, options)
  expect(at("lookup('file', 'a.txt')")).toBe('hello')
  expect(at("query('fileglob', '*.txt') | map('basename')")).toEqual(['a.txt', 'b.txt'])
  expect(at("lookup('first_found', ['zz.txt', 'a.txt']) | basename")).toBe('a.txt')
  expect(at("query('first_found', {'files': ['zz.txt'], 'skip': true})")).toEqual([])
  expect(at("lookup('csvfile', 'j file=c.csv delimiter=,')")).toBe('2')
  expect(at("lookup('ini', 'key section=s file=d.ini')")).toBe('v')
  expect(at("lookup('template', 't.j2')")).toBe('x=1\n')
  expect(failing(() => at("lookup('file', 'zz.txt')")).code).toBe('template.lookup')
})

test('a password is made once and kept', () => {
  const options = folder({})
  const make = (): unknown => evaluate("lookup('password', 'secret length=12 chars=digits')", written({}), options)
  const first = make()
  expect(first).toMatch(/^\d{12}$/)
  expect(make()).toBe(first)
})

test('a lookup of a failing command says what it printed', () => {
  const error = failing(() => evaluate("lookup('pipe', 'echo bad >&2; exit 3')", written({})))
  expect(error.message).toContain('status 3')
  expect(error.hint).toBe('bad')
})

test('a text has a template when it has an opening mark', () => {
  expect(['{{ a }}', '{% a %}', 'x {# c #}', '{a}', '}}', '$ {a}'].map(hasTemplate)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ])
})

test('None is a value of a loop, of a macro, and of an import', () => {
  const scope = {
    get: (name: string) => (name === 'mix' ? { value: [1, null], open: false } : undefined),
    names: () => ['mix'],
  }
  expect(render('{% for x in mix %}{{ x }} {% endfor %}', scope)).toBe('1 None ')
  expect(render('{% macro m(x) %}{{ x }}{% endmacro %}{{ m(none) }}', scope)).toBe('None')
  expect(render('{% set x = none %}{{ x }} {{ x is none }}', scope)).toBe('None True')
})

test('a value whose first line sets how it is read is read so', () => {
  const text = '#jinja2: trim_blocks: False\n{% if true %}\nx{% endif %}'
  expect(open(text, written({}))).toBe('\nx')
  expect(open('#jinja2: no template', written({}))).toBe('#jinja2: no template')
})

test('a filter that is a test today says so', () => {
  expect(check('{{ x | success }}', { file: 'a', line: 1, column: 1 })[0]?.hint).toBe(
    'tests are written `x is success`',
  )
})
