import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { sh } from '../shell/sh.ts'
import { openConnection } from './open.ts'
import { type Trip, timed } from './timed.ts'

const folder = mkdtempSync(join(tmpdir(), 'mlops-timed-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('each trip is told when it is over, with what it did and cost', async () => {
  const trips: Trip[] = []
  const open = timed(openConnection, trip => trips.push(trip))
  const line = await open({
    host: 'here',
    type: 'local',
    address: 'localhost',
    hostKeyChecking: true,
    connectTimeoutMs: 5000,
  })
  const file = join(folder, 'file')
  await line.run([{ script: sh`echo a`, look: true }])
  await line.put([{ to: file, mode: 0o600, content: Buffer.from('b') }])
  await line.run([{ script: sh`echo c`, look: true }, { script: sh`echo d >> ${file}` }])
  await line.close()

  expect(readFileSync(file, 'utf8')).toBe('bd\n')
  expect(trips.map(({ host, phase, roundTrips }) => ({ host, phase, roundTrips }))).toEqual([
    { host: 'here', phase: 'connect', roundTrips: 0 },
    { host: 'here', phase: 'look', roundTrips: 1 },
    { host: 'here', phase: 'transfer', roundTrips: 1 },
    { host: 'here', phase: 'change', roundTrips: 1 },
  ])
  for (const trip of trips.slice(1)) expect(trip.bytesSent).toBeGreaterThan(0)
})
