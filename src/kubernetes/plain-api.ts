import { KubernetesObjectApi, ObjectSerializer } from './client.ts'
import { isApiException } from './refusal.ts'

/** Objects go through as they are: the client's own models would drop what they do not know. */
export class PlainApi extends KubernetesObjectApi {
  /** Whether the cluster has this kind of object. */
  async knows(apiVersion: string, kind: string): Promise<boolean> {
    try {
      return (await this.resource(apiVersion, kind)) !== undefined
    } catch (error) {
      if (isApiException(error) && error.code === 404) return false
      throw error
    }
  }
}

/** Kinds that we read or write, in the client's registry as they are. */
const asTheyAre = { serialize: (data: unknown) => data, deserialize: (data: unknown) => data }
for (const [group, version, kinds] of [
  ['', 'v1', ['ConfigMap', 'Secret', 'Service', 'Pod', 'Event', 'Namespace']],
  ['apps', 'v1', ['Deployment', 'StatefulSet', 'ReplicaSet']],
  ['policy', 'v1', ['PodDisruptionBudget']],
  ['policy', 'v1beta1', ['PodDisruptionBudget']],
  ['networking.k8s.io', 'v1', ['NetworkPolicy']],
  ['autoscaling', 'v2', ['HorizontalPodAutoscaler']],
  ['autoscaling', 'v2beta2', ['HorizontalPodAutoscaler']],
  ['keda.sh', 'v1alpha1', ['ScaledObject', 'TriggerAuthentication']],
  ['rabbitmq.com', 'v1beta1', ['RabbitmqCluster']],
  ['argoproj.io', 'v1alpha1', ['Application', 'AppProject']],
] as const) {
  for (const kind of kinds)
    for (const name of [kind, `${kind}List`]) ObjectSerializer.registerModel({ group, version, kind: name }, asTheyAre)
}
