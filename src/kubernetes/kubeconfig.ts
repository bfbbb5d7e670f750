import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { MlopsError } from '../errors.ts'
import { KubeConfig } from './client.ts'
import { messageOf } from './refusal.ts'

const hint = 'KUBECONFIG names a kubeconfig; without it, it is ~/.kube/config'

/** Reads the kubeconfig as `kubectl` does, with another context where one is wanted. Throws `k8s.kubeconfig`, `k8s.context`. */
export function loadConfig(context: string | undefined): KubeConfig {
  const config = new KubeConfig()
  try {
    config.loadFromDefault()
  } catch (cause) {
    throw unreadable(cause)
  }
  const known = config.getContexts().map(({ name }) => name)
  const wanted = context ?? config.getCurrentContext()
  if (wanted && !known.includes(wanted)) {
    throw new MlopsError('k8s.context', `the kubeconfig has no context ${wanted}`, {
      hint: known.length === 0 ? 'it has none at all' : `it has ${known.join(', ')}`,
    })
  }
  if (wanted) config.setCurrentContext(wanted)
  // what the client falls back to when there is no kubeconfig at all
  const { server } = config.getCurrentCluster() ?? { server: 'http://localhost:8080' }
  if (server === 'http://localhost:8080') {
    throw new MlopsError('k8s.kubeconfig', 'no kubeconfig names a cluster', { hint })
  }
  return config
}

/** The error of a kubeconfig: the client says neither which file it is, nor only what is wrong, but shows lines, which may hold tokens. */
function unreadable(cause: unknown): MlopsError {
  const named = process.env['KUBECONFIG']?.split(delimiter).filter(file => file !== '') ?? []
  const files = named.length > 0 ? named : [join(homedir(), '.kube', 'config')]
  for (const file of files) {
    try {
      new KubeConfig().loadFromFile(file)
    } catch (error) {
      const message = `the kubeconfig ${file} cannot be read: ${reasonOf(error)}`
      return new MlopsError('k8s.kubeconfig', message, { at: placeOf(error, file), hint, cause })
    }
  }
  const message = `the kubeconfigs ${files.join(', ')} cannot be read together: ${reasonOf(cause)}`
  return new MlopsError('k8s.kubeconfig', message, { hint, cause })
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
}

function reasonOf(error: unknown): string {
  // the client takes an empty file for one with everything in it
  if (error instanceof TypeError) return 'it does not hold what a kubeconfig holds'
  const { code, reason } = Object(error)
  return reasons[String(code)] ?? (typeof reason === 'string' ? reason : (messageOf(error).split('\n')[0] ?? ''))
}

/** Where the YAML breaks: js-yaml counts from 0. */
function placeOf(error: unknown, file: string) {
  const { line, column } = Object(Object(error)['mark'])
  return typeof line === 'number' && typeof column === 'number'
    ? { file, line: line + 1, column: column + 1 }
    : undefined
}
