import { expect, test } from 'vitest'
import { open } from '../template/template.ts'
import { asWritten, mergeHashes } from './merge.ts'
import { byPrecedence, given, LayeredScope, written } from './variables.ts'

test('dictionaries are merged key by key, lists and texts are replaced', () => {
  const lower = { a: 1, deep: { x: 1, y: [1] }, text: { b: 1 } }
  expect(mergeHashes({ deep: { y: [2], z: 3 }, text: 'new' }, lower)).toEqual({
    a: 1,
    deep: { x: 1, y: [2], z: 3 },
    text: 'new',
  })
})

test('with `merge` a name has the keys of all layers, down to the first that is no dictionary', () => {
  const layers = byPrecedence([
    written('role defaults', 'd', { all: { a: 1 }, cut: { a: 1 } }),
    written('inventory', 'i', { all: { b: 2 }, cut: 'text' }),
    written('play vars', 'p', { all: { a: 3 }, cut: { c: 3 } }),
  ])
  expect(new LayeredScope(layers, 'merge').get('all')?.value).toEqual({ a: 3, b: 2 })
  expect(new LayeredScope(layers, 'merge').get('cut')?.value).toEqual({ c: 3 })
  expect(new LayeredScope(layers).get('all')?.value).toEqual({ a: 3 })
})

test('what a host said stays closed when it is merged with what people wrote', () => {
  const said = 'it\'s {{ "no" }} {% template %} \\n'
  const layers = byPrecedence([
    written('play vars', 'p', { mix: { mine: '{{ 1 + 1 }}' } }),
    given('set_fact and register', 's', { mix: { theirs: said } }),
  ])
  const scope = new LayeredScope(layers, 'merge')
  expect(open(scope.get('mix')?.value, scope)).toEqual({ mine: 2, theirs: said })
  expect(open(asWritten([said]), scope)).toEqual([said])
})
