import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { MlopsError } from '../errors.ts'
import { evaluate, evaluateAsBraced, filterNames, test as holds, render, type Scope, testNames } from './template.ts'

// The file says of itself how it was made.
const recorded = JSON.parse(readFileSync(new URL('../../test/data/ansible-filters.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly (readonly [expression: string, text: string])[]
}

const nothing: Scope = { get: () => undefined, names: () => [] }

beforeAll(() => {
  process.env.TZ = 'UTC'
})

/** By the last filter of the expression, so that a failure names it. */
const byFilter = new Map<string, (readonly [string, string])[]>()
for (const one of recorded.cases) {
  const filter = /\|\s*(\w+)[^|]*$/.exec(one[0])?.[1] ?? 'expressions'
  byFilter.set(filter, [...(byFilter.get(filter) ?? []), one])
}

for (const [filter, cases] of byFilter) {
  test(`${filter} gives what ansible-core gives (${cases.length} cases)`, () => {
    const ours = cases.map(([expression]) => [expression, render(`{{ ${expression} }}`, nothing)])
    expect(ours).toEqual(cases)
  })
}

test('every filter and test of Jinja2 and ansible-core has its name here', () => {
  const filters = `abs attr batch capitalize center count d default dictsort e escape filesizeformat first float forceescape
    format groupby indent int items join last length list lower map max min pprint random reject rejectattr replace reverse
    round safe select selectattr slice sort string striptags sum title tojson trim truncate unique upper urlencode wordcount
    wordwrap xmlattr b64decode b64encode basename bool checksum combinations combine comment dict2items difference dirname
    expanduser expandvars extract fileglob flatten from_json from_yaml from_yaml_all hash human_readable human_to_bytes intersect
    items2dict log mandatory md5 password_hash path_join permutations pow product quote realpath regex_escape regex_findall
    regex_replace regex_search relpath root sha1 shuffle split splitext strftime subelements symmetric_difference ternary
    to_datetime to_json to_nice_json to_nice_yaml to_uuid to_yaml type_debug union urldecode urlsplit win_basename win_dirname
    win_splitdrive zip zip_longest commonpath normpath`
  const tests = `boolean callable defined divisibleby eq equalto escaped even false filter float ge greaterthan gt in integer
    iterable le lessthan lower lt mapping ne none number odd sameas sequence string test true undefined upper abs all any change
    changed contains directory exists failed failure falsy file finished is_abs is_dir is_file is_link is_mount is_same_file
    isnan issubset issuperset link link_exists match mount nan reachable regex same_file search skip skipped started subset
    succeeded success successful superset timedout truthy unreachable uri url urn vault_encrypted version version_compare`
  expect(filters.split(/\s+/).filter(name => !filterNames.includes(name))).toEqual([])
  expect(tests.split(/\s+/).filter(name => !testNames.includes(name))).toEqual([])
})

test('a filter says which argument it does not know', () => {
  const error = thrown(() => evaluate("'a' | indent(widht=2)", nothing))
  expect(error.code).toBe('template.type')
  expect(error.message).toContain('widht')
})

test('versions compare by the rules that are asked for', () => {
  const table: readonly (readonly [string, boolean])[] = [
    ["'1.10' is version('1.9', '>')", true],
    ["'2.0' is version('2.0.0', '<')", true],
    ["'12.5' is version('12', '>=')", true],
    ["'1.0.0-alpha.1' is version('1.0.0-alpha.beta', '<', version_type='semver')", true],
    ["'1.0.0+build' is version('1.0.0', '==', version_type='semver')", true],
    ["'1.0rc1' is version('1.0', '<', version_type='pep440')", true],
    ["'1.0.dev1' is version('1.0a1', '<', version_type='pep440')", true],
    ["'1.0.post1' is version('1.0', '>', version_type='pep440')", true],
  ]
  expect(table.map(([condition]) => [condition, holds(condition, nothing)])).toEqual(table)
})

test('Python patterns that JavaScript has not are refused by name', () => {
  const error = thrown(() => evaluate("'a' | regex_search('(?(1)a|b)')", nothing))
  expect(error.message).toContain('(?(1')
})

test('NaN, infinity and large ints survive JSON', () => {
  expect(evaluate("'[NaN, -Infinity, 12345678901234567890, 1.0]' | from_json | to_json", nothing)).toBe(
    '[NaN, -Infinity, 12345678901234567890, 1.0]',
  )
})

test('text that is too long, ranges and numbers that are too large are refused', () => {
  for (const expression of ["'ab' * 100000000", 'range(100000000)', '9 ** 9999999']) {
    expect(thrown(() => evaluate(expression, nothing)).code).toBe('template.limit')
  }
})

function thrown(run: () => unknown): MlopsError {
  try {
    run()
  } catch (error) {
    if (error instanceof MlopsError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test('subelements asks items for entries, not for methods of the same name', () => {
  const people = "[{'name': 'ada', 'keys': ['a', 'b']}, {'name': 'bob'}]"
  expect(evaluate(`(${people} | subelements('keys', true)) | map('last') | list`, nothing)).toEqual(['a', 'b'])
  expect(evaluate(`lookup('subelements', ${people}, 'keys', {'skip_missing': true}) | length`, nothing)).toBe(2)
  expect(thrown(() => evaluate(`${people} | subelements('keys')`, nothing)).message).toContain("could not find 'keys'")
})

test('an if without else that is false is empty text as between braces, and what nobody set is an error', () => {
  expect(evaluateAsBraced("'x' if false", nothing)).toBe('')
  expect(thrown(() => evaluateAsBraced('x if true', nothing)).code).toBe('template.undefined')
})
