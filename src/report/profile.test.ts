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

test('the ten tasks that kept a host longest come first, then what the run cost', () => {
  const profile = new Profile()
  for (let n = 1; n <= 12; n++) {
    profile.see(finished(n, 'a', n * 1000))
    profile.see(finished(n, 'bb', n * 1500))
  }
  const line = { roundTrips: 5, bytesSent: 1500, bytesReceived: 2500, connectMs: 40 }
  const text = profile.text(
    { type: 'run-finished', at: 0, ms: 20_000, interrupted: false, summary: {}, connections: { a: line, bb: line } },
    paint(false),
  )
  const lines = text.split('\n')
  expect(lines.slice(0, 3)).toEqual([
    'SLOWEST TASKS',
    'LONGEST  ON HOST  HOSTS  TOGETHER  TASK',
    ' 18.0 s  bb           2    30.0 s  task 12',
  ])
  expect(lines[11]).toBe('  4.5 s  bb           2     7.5 s  task 3')
  expect(lines.slice(12)).toEqual([
    '',
    'run: 20.0 s, of 3 min 15 s on the hosts together; 12 tasks, done 24 times',
    'lines: 2 hosts, 10 round trips, 3.0 kB out, 5.0 kB in',
    '',
    '',
  ])
})
