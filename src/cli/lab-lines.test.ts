import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LabLines } from './lab-lines.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function said(tell: (lab: LabLines) => void): string[] {
  const lines: string[] = []
  tell(new LabLines(line => lines.push(line)))
  return lines
}

test("two servers are told of in the lab's own lines, looked at after ten seconds and every five", () => {
  const lines = said(lab => {
    lab.on({ type: 'authorized' })
    lab.on({ type: 'creating', servers: ['prod_1', 'dev_1'] })
    lab.on({ type: 'state', server: 'prod_1', state: 'BUILD' })
    lab.on({ type: 'state', server: 'dev_1', state: 'BUILD' })
    vi.advanceTimersByTime(12_000)
    lab.on({ type: 'state', server: 'prod_1', state: 'ACTIVE' })
    lab.on({ type: 'active', server: 'prod_1', address: '192.0.2.1' })
    vi.advanceTimersByTime(7000)
    lab.on({ type: 'state', server: 'dev_1', state: 'ACTIVE' })
    lab.on({ type: 'active', server: 'dev_1', address: '192.0.2.2' })
    vi.advanceTimersByTime(20_000)
    lab.end(['prod_1', 'dev_1'])
  })
  expect(lines).toEqual([
    'user authorization completed.',
    'Creating instances ... ',
    'waiting for 10 seconds.. ',
    'Instance: prod_1 is in BUILD state, sleeping for 5 seconds more...',
    'Instance: dev_1 is in BUILD state, sleeping for 5 seconds more...',
    'Instance: prod_1 is in BUILD state, sleeping for 5 seconds more...',
    'Instance: dev_1 is in BUILD state, sleeping for 5 seconds more...',
    'Instance: prod_1 is in ACTIVE state, sleeping for 5 seconds more...',
    'Instance: dev_1 is in BUILD state, sleeping for 5 seconds more...',
    'Instance: prod_1 is in ACTIVE state ip address: 192.0.2.1',
    'Instance: dev_1 is in ACTIVE state ip address: 192.0.2.2',
  ])
})

test('a single server is told of without its address, and what came quickly is said at the end', () => {
  const lines = said(lab => {
    lab.on({ type: 'authorized' })
    lab.on({ type: 'creating', servers: ['one'] })
    lab.on({ type: 'state', server: 'one', state: 'ACTIVE' })
    lab.on({ type: 'active', server: 'one', address: '192.0.2.1' })
    lab.end(['one'])
  })
  expect(lines).toEqual([
    'user authorization completed.',
    'Creating instance ... ',
    'waiting for 10 seconds.. ',
    'Instance: one is in BUILD state, sleeping for 5 seconds more...',
    'Instance: one is in ACTIVE state',
  ])
})

test('servers that are there already are only named, in the order of mlops.yml', () => {
  const lines = said(lab => {
    lab.on({ type: 'authorized' })
    lab.on({ type: 'active', server: 'dev', address: '192.0.2.2' })
    lab.on({ type: 'active', server: 'prod', address: '192.0.2.1' })
    lab.end(['prod', 'dev'])
  })
  expect(lines).toEqual([
    'user authorization completed.',
    'Instance: prod is in ACTIVE state ip address: 192.0.2.1',
    'Instance: dev is in ACTIVE state ip address: 192.0.2.2',
  ])
})

test('a server that fails is named no more', () => {
  const lines = said(lab => {
    lab.on({ type: 'authorized' })
    lab.on({ type: 'creating', servers: ['prod', 'dev'] })
    vi.advanceTimersByTime(10_000)
    lab.on({ type: 'state', server: 'prod', state: 'ERROR' })
    lab.on({ type: 'active', server: 'dev', address: '192.0.2.2' })
    lab.end(['prod', 'dev'])
  })
  expect(lines.slice(3)).toEqual([
    'Instance: prod is in BUILD state, sleeping for 5 seconds more...',
    'Instance: dev is in BUILD state, sleeping for 5 seconds more...',
    'Instance: dev is in ACTIVE state ip address: 192.0.2.2',
  ])
})
