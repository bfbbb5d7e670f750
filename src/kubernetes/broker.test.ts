import { expect, test } from 'vitest'
import { blueprints } from '../../test/rig/blueprints.ts'
import type { Blueprint } from './blueprint.ts'
import type { Manifest } from './manifest.ts'
import { render } from './render.ts'

const operated = blueprints['solution-2-operator-keda'] as Blueprint

/**
 * No package that can be had carries the schema of RabbitMQ's cluster operator. These are the fields below `spec` of the operator's
 * published API reference (rabbitmq.com/v1beta1), read by hand, with the shapes of those that we may set.
 */
const published: Readonly<Record<string, (value: unknown) => boolean>> = {
  replicas: value => Number.isInteger(value),
  image: value => typeof value === 'string',
  imagePullSecrets: value =>
    Array.isArray(value) && value.every(each => Object.keys(each).join() === 'name' && typeof each.name === 'string'),
  resources: value => Object.keys(Object(value)).every(key => key === 'requests' || key === 'limits'),
}

test.each([
  operated,
  { ...operated, imagePullSecret: 'registry' },
])('the RabbitmqCluster has only fields that a list checked by hand has', blueprint => {
  const { apiVersion, spec } = resource(blueprint)
  expect(apiVersion).toBe('rabbitmq.com/v1beta1')
  const wrong = Object.entries(Object(spec)).filter(([field, value]) => !published[field]?.(value))
  expect(wrong).toEqual([])
})

test('a broker of the operator is pulled with the Secret that pulls the application', () => {
  expect(resource({ ...operated, imagePullSecret: 'registry' })['spec']).toMatchObject({
    imagePullSecrets: [{ name: 'registry' }],
  })
})

function resource(blueprint: Blueprint): Manifest {
  const found = render(blueprint).find(({ kind }) => kind === 'RabbitmqCluster')
  if (found === undefined) throw new Error('there is no RabbitmqCluster')
  return found
}
