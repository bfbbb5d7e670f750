/** Every kind that we make, with the older versions of its API that say the same; in the order in which things are deleted. */
export const kinds: readonly { readonly kind: string; readonly apiVersions: readonly string[] }[] = [
  { kind: 'ScaledObject', apiVersions: ['keda.sh/v1alpha1'] },
  { kind: 'TriggerAuthentication', apiVersions: ['keda.sh/v1alpha1'] },
  { kind: 'HorizontalPodAutoscaler', apiVersions: ['autoscaling/v2', 'autoscaling/v2beta2'] },
  { kind: 'PodDisruptionBudget', apiVersions: ['policy/v1', 'policy/v1beta1'] },
  { kind: 'Deployment', apiVersions: ['apps/v1'] },
  { kind: 'StatefulSet', apiVersions: ['apps/v1'] },
  { kind: 'RabbitmqCluster', apiVersions: ['rabbitmq.com/v1beta1'] },
  { kind: 'Service', apiVersions: ['v1'] },
  { kind: 'ConfigMap', apiVersions: ['v1'] },
  { kind: 'Secret', apiVersions: ['v1'] },
  { kind: 'NetworkPolicy', apiVersions: ['networking.k8s.io/v1'] },
]
