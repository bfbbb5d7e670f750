import { MlopsError } from '../errors.ts'
import { didYouMean } from '../near.ts'
import type { Blueprint } from './blueprint.ts'
import type { Cluster } from './cluster.ts'
import type { Manifest } from './manifest.ts'
import { fitted } from './own.ts'
import { render } from './render.ts'

/** A service that is asked for in another number, and the Deployment that is meant. */
export interface Wish {
  readonly service: 'web' | 'worker'
  readonly replicas: number
  readonly deployment: string
}

export interface Scaled {
  readonly service: string
  readonly deployment: string
  readonly before: number
  readonly after: number
}

/** Reads `worker=3 web=2` for the layout of the blueprint. All that is wrong comes at once (`scale.*`). */
export function readWishes(blueprint: Blueprint, words: readonly string[]): { wishes: Wish[]; errors: MlopsError[] } {
  const names = scalable(blueprint)
  const wishes: Wish[] = []
  const errors: MlopsError[] = []
  for (const word of words) {
    const [, name = '', number = ''] = /^([^=]+)=(\d+)$/.exec(word) ?? []
    const wanted = names.get(name)
    if (name === '') {
      errors.push(
        new MlopsError('scale.word', `\`${word}\` is not SERVICE=NUMBER`, {
          hint: 'for example: mlops scale worker=3',
        }),
      )
    } else if (wanted === undefined) {
      const hint = didYouMean(name, [...names.keys()]) ?? `what can be scaled here: ${[...names.keys()].join(', ')}`
      errors.push(new MlopsError('scale.unknown-service', `\`${name}\` cannot be scaled`, { hint }))
    } else if (Number(number) > 100) {
      errors.push(new MlopsError('scale.number', `${name} cannot run ${number} times`, { hint: 'from 0 to 100' }))
    } else wishes.push({ ...wanted, replicas: Number(number) })
  }
  return { wishes, errors }
}

/** Sets the number of pods, and with it the least that an autoscaler keeps. */
export async function scaleTo(
  cluster: Cluster,
  blueprint: Blueprint,
  { deployment, service, replicas }: Wish,
): Promise<Scaled> {
  const manifests = await fitted(cluster, render(blueprint))
  const target = manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === deployment)
  const live = target && (await cluster.read(target))
  if (target === undefined || live === undefined) {
    throw new MlopsError('scale.not-there', `there is no Deployment ${deployment} in ${cluster.namespace} yet`, {
      hint: 'mlops k8s apply makes it',
    })
  }
  for (const scaler of manifests.filter(manifest => targetOf(manifest) === deployment)) {
    if ((await cluster.read(scaler)) === undefined) continue
    await cluster.merge({ ...reference(scaler), spec: limits(scaler, replicas) })
  }
  await cluster.merge({ ...reference(target), spec: { replicas } })
  return { service, deployment, before: Number(Object(live['spec']).replicas ?? 1), after: replicas }
}

function scalable(blueprint: Blueprint): ReadonlyMap<string, Omit<Wish, 'replicas'>> {
  const deployments = render(blueprint).filter(({ kind }) => kind === 'Deployment')
  return new Map(
    deployments.map(({ metadata }) => {
      const part = metadata.labels?.['app.kubernetes.io/component']
      const service = part === 'worker' ? 'worker' : 'web'
      return [part ?? 'web', { service, deployment: metadata.name }] as const
    }),
  )
}

function limits(scaler: Manifest, replicas: number): Readonly<Record<string, number>> {
  const { maxReplicas, maxReplicaCount } = Object(scaler['spec'])
  return scaler.kind === 'ScaledObject'
    ? { minReplicaCount: replicas, maxReplicaCount: Math.max(1, replicas, Number(maxReplicaCount)) }
    : { minReplicas: Math.max(1, replicas), maxReplicas: Math.max(1, replicas, Number(maxReplicas)) }
}

function targetOf({ kind, spec }: Manifest): string | undefined {
  return kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject' ? Object(spec).scaleTargetRef?.name : undefined
}

function reference({ apiVersion, kind, metadata: { name } }: Manifest) {
  return { apiVersion, kind, metadata: { name } }
}
