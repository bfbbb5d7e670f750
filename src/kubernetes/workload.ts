import type { Replicas } from '../project/kubernetes.ts'
import { type Component, labelsOf, selectorOf } from './blueprint.ts'
import type { Labels, Manifest } from './manifest.ts'

/** A Deployment that never has fewer pods than it should while it is rolled out. */
export function deployment(
  component: Component,
  name: string,
  { replicas, template }: { readonly replicas: Replicas; readonly template: Readonly<Record<string, unknown>> },
): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: labelsOf(component) },
    spec: {
      replicas: replicas.least,
      revisionHistoryLimit: 5,
      progressDeadlineSeconds: 600,
      selector: { matchLabels: selectorOf(component) },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template,
    },
  }
}

/** A Service in front of a component's pods; without ports a headless one, that only names them. */
export function service(
  component: Component,
  name: string,
  {
    type,
    ports,
  }: {
    readonly type: 'ClusterIP' | 'LoadBalancer' | 'headless'
    readonly ports: Readonly<Record<string, readonly [number, number]>>
  },
): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels: labelsOf(component) },
    spec: {
      ...(type === 'headless' ? { clusterIP: 'None' } : { type }),
      selector: selectorOf(component),
      ...(Object.keys(ports).length === 0
        ? {}
        : {
            ports: Object.entries(ports).map(([name, [port, targetPort]]) => ({
              name,
              protocol: 'TCP',
              port,
              targetPort,
            })),
          }),
    },
  }
}

export function configMap(component: Component, name: string, data: Labels): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: labelsOf(component) }, data }
}

/** A Secret. Values are texts. */
export function secret(component: Component, name: string, values: Labels): Manifest {
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  )
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, labels: labelsOf(component) }, type: 'Opaque', data }
}

/** Whoever empties a node takes one pod of the component at a time. */
export function disruptionBudget(component: Component, name: string): Manifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, labels: labelsOf(component) },
    spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(component) } },
  }
}
