import { expect, test } from 'vitest'
import type { Event } from '../events.ts'
import { paint } from './paint.ts'
import { Profile } from './profile.ts'

const task = (n: number) => ({ id: `t${n}`, name: `task ${n}`, module: 'command' })
const finished = (n: number, host: string, ms: number): Event => ({
  type: 'task-finished',
  at: 0,
  host,
  task: task(n),
  outcome: 'ok',
  ms,
  result: {},
})

const trip = (host: string, phase: 'connect' | 'look' | 'change' | 'transfer', ms: number): Event => ({
  type: 'trip',
  at: 0,
  host,
  phase,
  ms,
  roundTrips: phase === 'connect' ? 0 : 1,
  bytesSent: 1000,
  bytesReceived: 500,
})
const line = { roundTrips: 5, bytesSent: 1500, bytesReceived: 2500, connectMs: 40 }
const end = (ms: number): Extract<Event, { type: 'run-finished' }> => ({
  type: 'run-finished',
  at: 0,
  ms,
  interrupted: false,
  summary: {},
  connections: { a: line, bb: line },
})

function profileOf(...events: Event[]): string[] {
  const profile = new Profile()
  for (const event of events) profile.see(event)
  return profile.text(end(20_000), paint(false)).split('\n')
}

test('the ten tasks that kept a host longest come first, the sums of the run last', () => {
  const events = Array.from({ length: 12 }, (_, i) => [
    finished(i + 1, 'a', (i + 1) * 1000),
    finished(i + 1, 'bb', (i + 1) * 1500),
  ])
  const lines = profileOf(...events.flat())
  expect(lines[0]).toBe('SLOWEST TASKS')
  expect(lines[2]).toMatch(/^ 18\.0 s {2}bb +2 +30\.0 s .* task 12$/)
  expect(lines[11]).toMatch(/^ {2}4\.5 s {2}bb +2 +7\.5 s .* task 3$/)
  expect(lines[12]).toBe('')
  expect(lines.slice(-4)).toEqual([
    'run: 20.0 s, of 3 min 15 s on the hosts together; 12 tasks, done 24 times',
    'lines: 2 hosts, 10 round trips, 3.0 kB out, 5.0 kB in',
    '',
    '',
  ])
})

test('trips count for the task that their host is at, and what is no trip is waiting', () => {
  const started = (n: number, host: string): Event => ({ type: 'host-started', at: 0, host, task: task(n) })
  const lines = profileOf(
    started(1, 'a'),
    trip('a', 'connect', 100),
    trip('a', 'look', 20),
    finished(1, 'a', 130),
    started(2, 'a'),
    trip('a', 'transfer', 2000),
    trip('a', 'change', 500),
    finished(2, 'a', 2600),
  )
  expect(lines.slice(1, 4)).toEqual([
    'LONGEST  ON HOST  HOSTS  TOGETHER  CONNECT   LOOK  CHANGE  TRANSFER  WAITING  TRIPS     OUT      IN  TASK',
    '  2.6 s  a            1     2.6 s     0 ms   0 ms  500 ms     2.0 s   100 ms      2  2.0 kB  1.0 kB  task 2',
    ' 130 ms  a            1    130 ms   100 ms  20 ms    0 ms      0 ms    10 ms      1  2.0 kB  1.0 kB  task 1',
  ])
  expect(lines.slice(5, 8)).toEqual([
    'HOSTS',
    'HOST  CONNECT   LOOK  CHANGE  TRANSFER  WAITING  TRIPS     OUT      IN',
    'a      100 ms  20 ms  500 ms     2.0 s   17.4 s      3  4.0 kB  2.0 kB',
  ])
})
