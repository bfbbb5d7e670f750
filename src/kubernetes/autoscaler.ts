import type { Replicas } from '../project/kubernetes.ts'
import { type Component, labelsOf, queue } from './blueprint.ts'
import type { Manifest } from './manifest.ts'

/** As many pods as the load of their processors asks for. */
export function podAutoscaler(component: Component, name: string, target: string, { least, most }: Replicas): Manifest {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, labels: labelsOf(component) },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: target },
      minReplicas: Math.max(1, least),
      maxReplicas: Math.max(1, most),
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
      ],
    },
  }
}

/** As many workers as the queue asks for: KEDA looks into it with the account of a Secret. */
export function queueScaler(
  component: Component,
  name: string,
  {
    target,
    replicas,
    secret,
  }: {
    readonly target: string
    readonly replicas: Replicas
    readonly secret: { readonly name: string; readonly key: string }
  },
): Manifest[] {
  const metadata = { name, labels: labelsOf(component) }
  return [
    {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'TriggerAuthentication',
      metadata,
      spec: { secretTargetRef: [{ parameter: 'host', ...secret }] },
    },
    {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata,
      spec: {
        scaleTargetRef: { name: target },
        minReplicaCount: replicas.least,
        maxReplicaCount: Math.max(1, replicas.most),
        triggers: [
          {
            type: 'rabbitmq',
            metadata: { protocol: 'amqp', queueName: queue, mode: 'QueueLength', value: '20' },
            authenticationRef: { name },
          },
        ],
      },
    },
  ]
}
