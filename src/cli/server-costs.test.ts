import { expect, test } from 'vitest'
import { costRows, serverCosts } from './server-costs.ts'

const now = Date.parse('2026-05-01T12:00:00Z')
const servers = [
  { name: 'prod', flavor: 'ssc.medium', createdAt: '2026-05-01T08:30:00Z', expiresAt: '2026-05-01T20:00:00.000Z' },
  { name: 'dev', flavor: 'ssc.small', createdAt: '2026-05-01T11:00:00Z' },
  { name: 'test', flavor: 'ssc.small', createdAt: '2026-05-01T11:30:00Z', expiresAt: '2026-05-01T11:40:00.000Z' },
  { name: 'own', createdAt: '2026-05-01T11:00:00Z' },
]

test('what a cloud charges for is counted in hours of its flavor, and its time is told', () => {
  const costs = serverCosts(servers, now)
  expect(costs.map(({ name, hours }) => [name, hours])).toEqual([
    ['prod', 3.5],
    ['dev', 1],
    ['test', 0.5],
  ])
  expect(costRows(costs, now)).toEqual({
    rows: [
      ['prod', 'ssc.medium', '3.5', 'in 8h'],
      ['dev', 'ssc.small', '1.0', 'never'],
      ['test', 'ssc.small', '0.5', 'OVER for 20m'],
    ],
    sum: 'Cost to date: 3.5 hours of ssc.medium, 1.5 hours of ssc.small\n',
  })
})

test('servers that nobody charges for, and no servers at all, cost nothing', () => {
  expect(serverCosts([servers[3]], now)).toEqual([])
  expect(serverCosts(undefined, now)).toEqual([])
})
