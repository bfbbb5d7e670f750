import { expect, test } from 'vitest'
import type { Event } from '../events.ts'
import { TraceReporter } from './trace.ts'

interface Entry {
  readonly name: string
  readonly ph: string
  readonly tid?: number
  readonly ts?: number
  readonly dur?: number
  readonly args: Readonly<Record<string, unknown>>
}

async function traceOf(...events: Event[]): Promise<Entry[]> {
  let text = ''
  const trace = new TraceReporter(piece => {
    text += piece
  })
  for (const event of events) trace.on(event)
  await trace.close()
  return JSON.parse(text).traceEvents
}

const task = { id: 't1', name: 'Copy it', module: 'copy', at: { file: 'site.yml', line: 3, column: 5 } }
const trip = (at: number, ms: number): Event => ({
  type: 'trip',
  at,
  ms,
  host: 'web1',
  phase: 'look',
  roundTrips: 1,
  bytesSent: 10,
  bytesReceived: 20,
})

test('each host has a row with its tasks, and trips lie within their task', async () => {
  const entries = await traceOf(
    { type: 'play-started', at: 1000, play: { id: 'p', name: 'All' }, hosts: ['web1'] },
    // the clock of trips is finer than that of tasks
    trip(1020.4, 25.9),
    { type: 'task-finished', at: 1020, ms: 20, host: 'web1', task, outcome: 'ok', result: {} },
    { type: 'run-finished', at: 1030, ms: 30, interrupted: false, summary: {}, connections: {} },
  )
  const rows = new Map(entries.filter(entry => entry.name === 'thread_name').map(({ tid, args }) => [args.name, tid]))
  const spans = entries
    .filter(entry => entry.ph === 'X')
    .map(({ name, tid, ts = 0, dur = 0 }) => ({ name, tid, ts, end: ts + dur }))
  const [web1, plays] = [rows.get('web1'), rows.get('plays')]
  expect(web1).not.toBe(plays)
  expect(spans).toEqual([
    { name: 'Copy it', tid: web1, ts: 1_000_000, end: 1_020_000 },
    { name: 'look', tid: web1, ts: 1_000_000, end: 1_020_000 },
    { name: 'All', tid: plays, ts: 1_000_000, end: 1_030_000 },
  ])
  expect(entries.find(entry => entry.name === 'Copy it')?.args).toEqual({
    module: 'copy',
    outcome: 'ok',
    at: 'site.yml:3',
  })
})

test('a trip that belongs to no task of its host is still there', async () => {
  const entries = await traceOf(trip(2000, 5), {
    type: 'run-finished',
    at: 2010,
    ms: 10,
    interrupted: false,
    summary: {},
    connections: {},
  })
  expect(entries.find(entry => entry.name === 'look')).toMatchObject({ ts: 1_995_000, dur: 5000 })
})
