import { expect, test } from 'vitest'
import { secondsSince, sinceOption } from './seconds-since.ts'

const now = Date.parse('2026-01-31T12:00:00Z')

test.each([
  ['90', 90],
  ['10m', 600],
  ['1h30m', 5400],
  ['2d', 172_800],
  ['2026-01-31T11:59:00Z', 60],
  ['2026-01-31T12:30:00Z', 1],
])('%s is %i seconds ago', (text, seconds) => {
  expect(secondsSince(text, now)).toBe(seconds)
})

test.each(['10x', 'yesterday', '', '-5'])('%j is no time', text => {
  expect(() => secondsSince(text, now)).toThrow('is no time')
})

test('docker is told seconds, whatever was said', () => {
  expect(sinceOption('2d')).toEqual(['--since', '172800s'])
  expect(sinceOption(undefined)).toEqual([])
})
