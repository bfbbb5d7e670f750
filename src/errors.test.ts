import { expect, test } from 'vitest'
import { explain, MlopsError, MlopsErrors, throwAll } from './errors.ts'

const at = { file: 'site.yml', line: 4, column: 9, length: 3, text: '        dst: /etc/motd' }

test('an error shows its place with a caret, and a hint', () => {
  expect(explain(new MlopsError('x', 'copy has no argument `dst`', { at, hint: 'did you mean `dest`?' }))).toBe(
    [
      'error: copy has no argument `dst`',
      '  --> site.yml:4:9',
      '4 |         dst: /etc/motd',
      '  |         ^^^',
      'hint: did you mean `dest`?',
    ].join('\n'),
  )
})

test('tabs before the caret stay tabs', () => {
  const text = '\t\tkey: x'
  expect(
    explain(new MlopsError('x', 'm', { at: { file: 'f', line: 12, column: 3, length: 3, text } }))
      .split('\n')
      .slice(2),
  ).toEqual(['12 | \t\tkey: x', '   | \t\t^^^'])
})

test('several errors are thrown as one, a single one as itself', () => {
  const [a, b] = [new MlopsError('a', 'first'), new MlopsError('b', 'second')]
  expect(() => throwAll([])).not.toThrow()
  expect(() => throwAll([a])).toThrow(a)
  try {
    throwAll([a, b])
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(MlopsErrors)
    expect(explain(error as MlopsErrors)).toBe('error: first\n\nerror: second')
  }
})
