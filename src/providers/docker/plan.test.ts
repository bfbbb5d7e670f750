import { expect, test } from 'vitest'
import { readKubernetes } from '../../project/kubernetes.ts'
import type { Project, ServerSpec } from '../../project/project.ts'
import { readQemu } from '../../project/qemu.ts'
import { parseOne } from '../../source/parse.ts'
import type { Container } from './containers.ts'
import { planAddresses, planFor } from './plan.ts'

function spec(name: string, address?: string): ServerSpec {
  return {
    ...{ name, provider: 'docker', image: 'debian-13', user: 'appuser', groups: ['servers'], port: 22, vars: {} },
    ...{ userDataFile: undefined, hostKey: undefined, privateKeyFile: undefined, address },
    at: { file: 'mlops.yml', line: 1, column: 1 },
  }
}

function container(status: string, labels: Record<string, string> = {}): Container {
  return {
    ...{ id: 'abc', name: 'demo-prodserver', status, createdAt: '2026-01-02T03:04:05Z' },
    labels: {
      'mlops.address': '10.0.0.11',
      'mlops.inner-address': '10.0.0.11',
      'mlops.user': 'appuser',
      'mlops.server-image': 'debian-13',
      ...labels,
    },
  }
}

function project(subnet: string): Project {
  return {
    ...{ file: '/p/mlops.yml', directory: '/p', name: 'demo', provider: 'docker', servers: [], services: [], vars: {} },
    delivery: {
      from: undefined,
      to: 'prodserver',
      repository: '/home/appuser/my_project',
      branches: ['master'],
      model: 'diabetes',
      maxDrop: 5,
      level: 0.05,
      keep: 10,
    },
    app: { directory: '/srv/demo', composeProject: 'demo' },
    qemu: readQemu(undefined),
    target: 'servers',
    kubernetes: readKubernetes(parseOne('', '/p/mlops.yml').root, '/p'),
    swarm: { encrypted: false, image: undefined },
    docker: {
      ...{ image: 'debian-13', subnet, mtu: 1500, memory: undefined, cpus: undefined, dns: [] },
      registryMirror: { kind: 'none' },
    },
  }
}

test.each([
  ['no container', undefined, [], 'create'],
  ['a container that never started', 'created', [], 'replace'],
  ['a stopped one', 'exited', ['abc'], 'start'],
  ['a running one that nobody saw ready', 'running', [], 'finish'],
  ['a running one that was ready', 'running', ['abc'], 'keep'],
] as const)('for %s the plan is made from what is there', (_, status, ready, action) => {
  const known = { ready: new Set(ready), address: '10.0.0.11' }
  const plan = planFor(spec('prodserver'), status && container(status), known)
  expect(plan).toMatchObject({ server: 'prodserver', address: '10.0.0.11', action })
})

test.each([
  ['image', { 'mlops.server-image': 'debian-12' }, 'its image is debian-12, mlops.yml says debian-13'],
  ['user', { 'mlops.user': 'ubuntu' }, 'its user is ubuntu, mlops.yml says appuser'],
  ['address', { 'mlops.inner-address': '10.0.0.50' }, 'its address is 10.0.0.50, mlops.yml says 10.0.0.11'],
])('a server with another %s is kept, and the difference told', (_, labels, differs) => {
  const known = { ready: new Set(['abc']), address: '10.0.0.11' }
  expect(planFor(spec('prodserver', '10.0.0.11'), container('running', labels), known)).toMatchObject({
    action: 'keep',
    differs,
  })
})

test('a server keeps its address, a new one takes what is free', () => {
  const specs = [spec('new'), spec('prodserver'), spec('fixed', '10.0.0.12')]
  const addresses = planAddresses(project('10.0.0.0/24'), specs, new Map([['prodserver', container('running')]]))
  expect(Object.fromEntries(addresses)).toEqual({ prodserver: '10.0.0.11', new: '10.0.0.13', fixed: '10.0.0.12' })
})

test('a network that is full names the server that has no room', () => {
  const specs = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n'].map(name => spec(name))
  expect(() => planAddresses(project('10.0.0.0/29'), specs, new Map())).toThrow('10.0.0.0/29 has no address left for e')
})
