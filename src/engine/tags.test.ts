import { expect, test } from 'vitest'
import { selectedByTags } from './tags.ts'

test.each([
  [['a'], [], [], true],
  [['never'], [], [], false],
  [['never', 'a'], ['a'], [], true],
  [['always'], ['b'], [], true],
  [['always'], [], ['always'], false],
  [['a'], ['b'], [], false],
  [[], ['b'], [], false],
  [[], ['untagged'], [], true],
  [['a'], ['tagged'], [], true],
  [[], ['tagged'], [], false],
  [['a'], [], ['a'], false],
  [['a'], [], ['tagged'], false],
  [[], [], ['untagged'], false],
  [['a'], ['all'], ['a'], false],
])('tags %j with --tags %j --skip-tags %j: %s', (tags, only, skip, taken) => {
  expect(selectedByTags(tags, only, skip)).toBe(taken)
})
