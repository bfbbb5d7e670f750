import { expect, test } from 'vitest'
import { addressAt, contains, formatSubnet, nextAddress, overlaps, parseSubnet, type Subnet } from './subnet.ts'

function subnet(text: string): Subnet {
  const parsed = parseSubnet(text)
  if (parsed === undefined) throw new Error(`${text} is no subnet`)
  return parsed
}

test.each([
  ['10.77.0.0/24', '10.77.0.0/24'],
  ['10.77.0.9/24', '10.77.0.0/24'],
  ['192.168.255.0/17', '192.168.128.0/17'],
  ['255.255.255.255/32', '255.255.255.255/32'],
])('%s is network %s', (text, network) => {
  expect(formatSubnet(subnet(text))).toBe(network)
})

test.each([
  '',
  '10.0.0.0',
  '10.0.0/24',
  '10.0.0.256/24',
  '10.0.0.0/33',
  '10.0.0.0/x',
  'fd00::/8',
])('%j is no network', text => {
  expect(parseSubnet(text)).toBeUndefined()
})

test.each([
  ['10.77.0.0/24', '10.77.0.0/16', true],
  ['10.77.0.0/24', '10.77.1.0/24', false],
  ['10.77.0.128/25', '10.77.0.0/24', true],
  ['0.0.0.0/0', '10.0.0.0/8', true],
])('%s and %s overlap: %s', (a, b, answer) => {
  expect(overlaps(subnet(a), subnet(b))).toBe(answer)
  expect(overlaps(subnet(b), subnet(a))).toBe(answer)
})

test('addresses are inside, but for the network and the broadcast address', () => {
  const small = subnet('10.0.0.0/30')
  expect([0, 1, 2, 3].map(n => addressAt(small, n))).toEqual([undefined, '10.0.0.1', '10.0.0.2', undefined])
  expect(contains(small, '10.0.0.2')).toBe(true)
  expect(contains(small, '10.0.0.4')).toBe(false)
})

test('servers begin at .11 and take the next free address', () => {
  const network = subnet('10.77.0.0/24')
  expect(nextAddress(network, new Set())).toBe('10.77.0.11')
  expect(nextAddress(network, new Set(['10.77.0.11', '10.77.0.12']))).toBe('10.77.0.13')
})

test('a small network begins at .3, and may be full', () => {
  const network = subnet('10.77.0.0/29')
  expect(nextAddress(network, new Set())).toBe('10.77.0.3')
  expect(nextAddress(network, new Set([3, 4, 5, 6].map(n => `10.77.0.${n}`)))).toBeUndefined()
})
