import { randomBytes } from 'node:crypto'
import type { Blueprint, Component } from './blueprint.ts'
import { accessOf, accountValues } from './broker.ts'
import type { Cluster } from './cluster.ts'
import type { Manifest } from './manifest.ts'
import { Refusal } from './refusal.ts'
import { secret } from './workload.ts'

/** The name of the Secret whose password nobody said, so that it is made up in the cluster; undefined: there is none such. */
export function madeUpSecret(blueprint: Blueprint): string | undefined {
  return ownBroker(blueprint) === undefined ? undefined : accessFor(blueprint).secret
}

/** Makes that Secret when it is not there. An old one stays: the broker that runs was made with its password. */
export async function makeUpAccount(cluster: Cluster, blueprint: Blueprint): Promise<'created' | 'unchanged'> {
  const broker = ownBroker(blueprint)
  if (broker === undefined) return 'unchanged'
  try {
    await cluster.create(secretOf(blueprint, broker))
    return 'created'
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'AlreadyExists') return 'unchanged'
    throw error
  }
}

function secretOf(blueprint: Blueprint, { component, host }: Broker): Manifest {
  const account = { user: 'predictor', password: randomBytes(24).toString('hex') }
  return secret(component, accessFor(blueprint).secret, accountValues(account, host))
}

interface Broker {
  readonly component: Component
  readonly host: string
}

function ownBroker({ project, layout, existingSecret, account, broker }: Blueprint): Broker | undefined {
  if (layout === 'american' || existingSecret !== undefined || account !== undefined || broker.by === 'operator')
    return undefined
  return layout === 'one-pod'
    ? { component: { part: 'production', app: `${project}-production`, project }, host: 'localhost' }
    : { component: { part: 'broker', app: `${project}-broker`, project }, host: `${project}-broker` }
}

function accessFor(blueprint: Blueprint) {
  return accessOf(blueprint, ownBroker(blueprint)?.component.app ?? '')
}
