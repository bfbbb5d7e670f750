import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Blueprint } from './blueprint.ts'
import { digestOf, type StackFile, stackOf, stackText, withReplicas } from './stack.ts'

const blueprint: Blueprint = {
  project: 'tweets',
  directory: '/srv/tweets',
  image: 'localhost/predictor:abc',
  encrypted: false,
  mtu: 1450,
  ports: { web: 80, american: undefined },
  models: [
    { name: 'american', files: [{ name: 'model.json', config: 'tweets_model-1', content: new Uint8Array([1]) }] },
  ],
  replicas: { web: 2, worker: 12 },
  perServer: { web: undefined, worker: 5 },
}
const digests = (stack: StackFile) => Object.values(stack.services).map(digestOf)

test('every service is found by the addresses of its copies, and every port is that of a server', () => {
  const { services } = parse(stackText(stackOf(blueprint, 'external')))
  for (const [name, service] of Object.entries<{ deploy: object; ports?: object[] }>(services)) {
    expect([name, service.deploy]).toEqual([name, expect.objectContaining({ endpoint_mode: 'dnsrr' })])
    for (const port of service.ports ?? []) expect(port).toMatchObject({ mode: 'host' })
  }
  expect(services.proxy.ports).toEqual([{ target: 5100, published: 80, protocol: 'tcp', mode: 'host' }])
})

test('the same project gives the same text, and names the models that it brings along', () => {
  const text = stackText(stackOf(blueprint, 'files'))
  expect(stackText(stackOf(blueprint, 'files'))).toBe(text)
  const { configs, services } = parse(text)
  expect(configs).toEqual({ 'tweets_model-1': { name: 'tweets_model-1', file: './models/american/model.json' } })
  expect(services.worker.configs).toEqual([{ source: 'tweets_model-1', target: '/models/american/model.json' }])
  expect(parse(stackText(stackOf(blueprint, 'external'))).configs).toEqual({
    'tweets_model-1': { external: true, name: 'tweets_model-1' },
  })
})

test('another number of copies is no other service, another model is', () => {
  const stack = stackOf(blueprint, 'external')
  expect(digests(stackOf({ ...blueprint, replicas: { web: 9, worker: 1 } }, 'external'))).toEqual(digests(stack))
  expect(digests(withReplicas(stack, { worker: 3, rabbit: 1 }))).toEqual(digests(stack))
  expect(withReplicas(stack, { worker: 3 }).services['worker']?.deploy.replicas).toBe(3)
  const files = [{ name: 'model.json', config: 'tweets_model-2', content: new Uint8Array([2]) }]
  const other = stackOf({ ...blueprint, models: [{ name: 'american', files }] }, 'external')
  const differ = Object.keys(stack.services).filter((_, i) => digests(stack)[i] !== digests(other)[i])
  expect(differ).toEqual(['worker'])
})

test('only workers see models, only those who need it see an account, and a quarter of many is replaced at once', () => {
  const { services } = stackOf(blueprint, 'external')
  const having = (key: string) => Object.keys(services).filter(name => services[name]?.[key] !== undefined)
  expect(having('configs')).toEqual(['worker'])
  expect(having('secrets')).toEqual(['web', 'worker', 'rabbit'])
  expect(services['worker']?.deploy).toMatchObject({
    placement: { preferences: [{ spread: 'node.id' }], max_replicas_per_node: 6 },
    update_config: { parallelism: 3, order: 'stop-first', failure_action: 'rollback' },
  })
  expect(services['web']?.deploy).toMatchObject({ update_config: { parallelism: 1, order: 'start-first' } })
})
