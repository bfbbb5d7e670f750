import { expect, test } from 'vitest'
import { MlopsError } from '../errors.ts'
import { assert } from './assert.ts'
import { debug } from './debug.ts'
import { fail } from './fail.ts'
import { setFact } from './set-fact.ts'
import { attempt } from './step.ts'

const variables: Readonly<Record<string, unknown>> = { port: 80, 'port == 80': true, 'port > 90': false }

function expression(text: string): unknown {
  if (!Object.hasOwn(variables, text)) throw new MlopsError('template.undefined', `'${text}' is undefined`)
  return variables[text]
}

test('debug shows text, data or a variable', async () => {
  expect(await attempt(debug, {})).toEqual({ outcome: 'ok', result: { changed: false, msg: 'Hello world!' } })
  expect((await attempt(debug, { msg: ['a', { b: 1 }] })).result.msg).toEqual(['a', { b: 1 }])
  expect((await attempt(debug, { var: 'port' }, { expression })).result).toEqual({ changed: false, port: 80 })
  expect((await attempt(debug, { var: 'ports' }, { expression })).result).toEqual({
    changed: false,
    ports: 'VARIABLE IS NOT DEFINED!',
  })
})

test('debug keeps still when the run is not verbose enough', async () => {
  expect((await attempt(debug, { msg: 'x', verbosity: 2 }, { verbosity: 1 })).outcome).toBe('skipped')
  expect((await attempt(debug, { msg: 'x', verbosity: 2 }, { verbosity: 2 })).outcome).toBe('ok')
})

test('fail fails with its message', async () => {
  expect(await attempt(fail, { msg: 'no' })).toEqual({ outcome: 'failed', result: { failed: true, msg: 'no' } })
  expect((await attempt(fail, {})).result.msg).toBe('Failed as requested from task')
})

test('assert names the first condition that does not hold', async () => {
  expect((await attempt(assert, { that: 'port == 80' }, { expression })).result).toEqual({
    changed: false,
    msg: 'All assertions passed',
  })
  expect((await attempt(assert, { that: [true, 'port == 80'], quiet: true }, { expression })).result).toEqual({
    changed: false,
  })
  expect(await attempt(assert, { that: ['port == 80', 'port > 90'], msg: 'too low' }, { expression })).toEqual({
    outcome: 'failed',
    result: { failed: true, msg: 'too low', assertion: 'port > 90', evaluated_to: false },
  })
})

test('set_fact registers every argument as a variable', async () => {
  expect((await attempt(setFact, { a: 1, b: ['x'], cacheable: 'yes' })).result).toEqual({
    changed: false,
    ansible_facts: { a: 1, b: ['x'] },
    _ansible_facts_cacheable: true,
  })
  expect((await attempt(setFact, {})).outcome).toBe('failed')
  expect((await attempt(setFact, { 'a-b': 1 })).result.msg).toContain("'a-b' is not valid")
})
