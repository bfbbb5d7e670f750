import { expect, test } from 'vitest'
import { freeSubnet } from './network.ts'

const taken = (...subnets: string[]) => subnets.map(subnet => ({ name: 'other', subnet }))

test.each([
  [[], '10.77.0.0/24'],
  [['10.77.0.0/24', '10.77.1.0/25'], '10.77.2.0/24'],
  [['10.76.0.0/15'], undefined],
  [['172.17.0.0/16', ''], '10.77.0.0/24'],
])('beside %j the servers get %s', (others, free) => {
  expect(freeSubnet(taken(...others))).toBe(free)
})
