import { MlopsError } from '../errors.ts'
import { KubeConfig } from './client.ts'
import { messageOf } from './refusal.ts'

/** Reads the kubeconfig as `kubectl` does, with another context where one is wanted. Throws `k8s.kubeconfig`, `k8s.context`. */
export function loadConfig(context: string | undefined): KubeConfig {
  const config = new KubeConfig()
  try {
    config.loadFromDefault()
  } catch (cause) {
    throw new MlopsError('k8s.kubeconfig', `the kubeconfig cannot be read: ${messageOf(cause)}`, { cause })
  }
  if (context !== undefined) {
    const known = config.getContexts().map(({ name }) => name)
    if (!known.includes(context)) {
      throw new MlopsError('k8s.context', `the kubeconfig has no context ${context}`, {
        hint: known.length === 0 ? 'it has none at all' : `it has ${known.join(', ')}`,
      })
    }
    config.setCurrentContext(context)
  }
  // what the client falls back to when there is no kubeconfig at all
  const { server } = config.getCurrentCluster() ?? { server: 'http://localhost:8080' }
  if (server === 'http://localhost:8080') {
    throw new MlopsError('k8s.kubeconfig', 'no kubeconfig names a cluster', {
      hint: 'KUBECONFIG names a kubeconfig; without it, it is ~/.kube/config',
    })
  }
  return config
}
