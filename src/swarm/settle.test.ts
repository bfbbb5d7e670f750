import { expect, test } from 'vitest'
import { digestLabel } from './blueprint.ts'
import type { Service, SwarmLook, SwarmNode, Task } from './look.ts'
import { addressPool, managersOf } from './members.ts'
import { progressOf } from './settle.ts'
import { uneven } from './spread.ts'
import { copiesByServer } from './status.ts'

const node = (ID: string, more: { state?: string; runs?: string } = {}): SwarmNode => ({
  ID,
  Spec: {
    Labels: { 'mlops.server': `server-${ID}`, [`mlops.${more.runs ?? 'worker'}`]: 'yes' },
    Role: 'worker',
    Availability: 'active',
  },
  Description: { Hostname: ID },
  Status: { State: more.state ?? 'ready' },
})
const service = (replicas: number, image: string, more: Partial<Service> = {}): Service => ({
  ID: 'w',
  Spec: {
    Name: 'app_worker',
    Labels: { [digestLabel]: 'new' },
    TaskTemplate: { ContainerSpec: { Image: image } },
    Mode: { Replicated: { Replicas: replicas } },
  },
  ...more,
})
const task = (NodeID: string, image: string, state = 'running', wanted = 'running', err?: string): Task => ({
  ID: `${NodeID}-${image}-${state}`,
  ServiceID: 'w',
  NodeID,
  CreatedAt: '2026-01-01T00:00:00Z',
  DesiredState: wanted,
  Status: { State: state, ...(err === undefined ? {} : { Err: err }) },
  Spec: { ContainerSpec: { Image: image } },
})
const look = (given: Partial<SwarmLook>): SwarmLook => ({
  nodes: [node('a'), node('b')],
  services: [],
  tasks: [],
  ...given,
})

test.each<[string, SwarmLook, object]>([
  [
    'all run as asked for: done',
    look({ services: [service(2, 'new')], tasks: [task('a', 'new'), task('b', 'new')] }),
    { ready: 2, leaving: 0, outcome: 'done' },
  ],
  [
    'an old copy still serves: going on',
    look({
      services: [service(2, 'new')],
      tasks: [task('a', 'new'), task('b', 'new'), task('b', 'old', 'running', 'shutdown')],
    }),
    { ready: 2, leaving: 1, outcome: 'going on' },
  ],
  [
    'copies of before a swarm has looked at the new wish: going on',
    look({ services: [service(2, 'new')], tasks: [task('a', 'old'), task('b', 'old')] }),
    { ready: 0, leaving: 2, outcome: 'going on' },
  ],
  [
    'the swarm has put the old service back: taken back, and why',
    look({
      services: [
        {
          ...service(1, 'old'),
          Spec: { ...service(1, 'old').Spec, Labels: { [digestLabel]: 'old' } },
          UpdateStatus: { State: 'rollback_completed', Message: 'rollback completed' },
        },
      ],
      tasks: [task('a', 'old'), task('a', 'new', 'failed', 'shutdown', 'task: non-zero exit (1)')],
    }),
    { outcome: 'taken back', problem: 'rollback completed; task: non-zero exit (1)' },
  ],
  [
    'a copy that was not well has ended, and another one starts: going on, and why',
    look({
      services: [service(1, 'new')],
      tasks: [task('a', 'new', 'starting'), task('a', 'new', 'complete', 'shutdown')],
    }),
    { ready: 0, outcome: 'going on', problem: expect.stringContaining('not well') },
  ],
  [
    'a server is away, and its copies run elsewhere: done',
    look({
      nodes: [node('a'), node('b', { state: 'down' })],
      services: [service(1, 'new')],
      tasks: [task('a', 'new'), task('b', 'new', 'running', 'shutdown')],
    }),
    { ready: 1, leaving: 0, outcome: 'done' },
  ],
])('%s', (_, seen, expected) => {
  expect(progressOf(seen, 'app', new Map([['worker', 'new']]))).toEqual([expect.objectContaining(expected)])
})

test('a service is uneven when one server that may run it has two copies more than another', () => {
  const seen = (tasks: Task[], nodes = [node('a'), node('b')]) => look({ services: [service(3, 'x')], nodes, tasks })
  const two = [task('a', 'x'), task('a', 'x')]
  expect(uneven(seen(two), 'app')).toEqual([{ service: 'worker', replicas: 3 }])
  expect(uneven(seen([...two, task('b', 'x')]), 'app')).toEqual([])
  expect(uneven(seen(two, [node('a'), node('b', { state: 'down' })]), 'app')).toEqual([])
  expect(uneven(seen(two, [node('a'), node('b', { runs: 'web' })]), 'app')).toEqual([])
  expect(copiesByServer(service(3, 'x'), seen([...two, task('b', 'x', 'starting')]), [])).toEqual({ 'server-a': 2 })
})

test('three servers have three managers, fewer have one: two could not go on without each other', () => {
  expect(managersOf(['a', 'b'])).toEqual(['a'])
  expect(managersOf(['a', 'b', 'c', 'd'])).toEqual(['a', 'b', 'c'])
})

test('networks for containers hold no server', () => {
  expect(addressPool(['10.0.0.5', '192.168.1.2'])).toBe('10.201.0.0/16')
  expect(addressPool(['10.201.7.1'])).toBe('172.29.0.0/16')
  expect(addressPool(['10.201.7.1', '172.29.0.3'])).toBe('10.202.0.0/16')
})
