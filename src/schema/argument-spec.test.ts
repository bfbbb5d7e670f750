import { expect, test } from 'vitest'
import { specErrors } from './argument-spec.ts'

const spec = { state: {}, path: {}, owner: {}, group: {} }

test.each([
  [{ mutually_exclusive: [['path', 'owner']] }, { path: 1, owner: 1 }, 'parameters are mutually exclusive: path|owner'],
  [{ required_together: [['owner', 'group']] }, { owner: 1 }, 'parameters are required together: owner, group'],
  [{ required_one_of: [['owner', 'group']] }, { path: 1 }, 'one of the following is required: owner, group'],
  [
    { required_if: [['state', 'file', ['path', 'owner']]] },
    { state: 'file', path: 1 },
    'state is file but all of the following are missing: owner',
  ],
  [
    { required_if: [['state', 'file', ['path', 'owner'], true]] },
    { state: 'file' },
    'state is file but any of the following are missing: path, owner',
  ],
  [{ required_by: { owner: 'group' } }, { owner: 1 }, "missing parameter(s) required by 'owner': group"],
])('%j is broken by %j', (rules, values, message) => {
  expect(specErrors(spec, values, rules)).toEqual([message])
  expect(specErrors({ in: { type: 'dict', options: spec, ...rules } }, { in: values })).toEqual([
    `${message} found in in`,
  ])
})

test('rules that are kept say nothing', () => {
  const rules = { required_if: [['state', 'file', ['path', 'owner'], true]], required_together: [['owner', 'group']] }
  expect(specErrors(spec, { state: 'file', path: 1 }, rules)).toEqual([])
  expect(specErrors(spec, { state: 'link' }, rules)).toEqual([])
})

test('the value of an argument that is not logged is not in its message', () => {
  expect(specErrors({ key: { no_log: true, choices: ['a'] } }, { key: 'geheim' })).toEqual([
    'value of key must be one of: a, got: ********',
  ])
})
