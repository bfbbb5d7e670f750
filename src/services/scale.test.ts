import { expect, test } from 'vitest'
import type { Project, ServiceSpec } from '../project/project.ts'
import { readWishes, sharesByServer } from './scale.ts'

const service = (name: string, servers: string[], more: Partial<ServiceSpec> = {}): ServiceSpec => ({
  ...{ name, servers, server: servers[0] ?? '', port: undefined, health: undefined, replicas: 1 },
  ...{ maxReplicas: undefined, aliases: [], at: { file: 'mlops.yml', line: 1, column: 1 }, ...more },
})
const services = [
  service('proxy', ['one', 'two'], { port: 5100 }),
  service('worker', ['two', 'one']),
  service('cache', ['one', 'two'], { maxReplicas: 2 }),
  service('rabbit', ['one']),
]
const project = { file: 'mlops.yml', services } as unknown as Project // the part that is read here

test('wishes are shared out evenly among the servers of a service', () => {
  const { wishes, errors } = readWishes(project, ['worker=3', 'proxy=2', 'cache=4', 'rabbit=1'])
  expect(errors).toEqual([])
  const shares = [...sharesByServer(wishes)].map(([server, theirs]) => [
    server,
    ...theirs.map(({ service: { name }, replicas }) => `${name} ${replicas}`),
  ])
  expect(shares).toEqual([
    ['two', 'worker 2', 'proxy 1', 'cache 2'],
    ['one', 'worker 1', 'proxy 1', 'cache 2', 'rabbit 1'],
  ])
})

test('what one server cannot run is too much for several servers, too, when there is more of it than servers', () => {
  const { errors } = readWishes(project, ['proxy=3', 'cache=5'])
  expect(errors.map(error => `${error.message}; ${error.hint}`)).toEqual([
    'proxy cannot run 3 times on one and two: it publishes port 5100, which only one copy can have; scale the workers: the web process hands all work to them',
    'cache cannot run 5 times; mlops.yml says max_replicas: 2 on each of 2 servers',
  ])
})
