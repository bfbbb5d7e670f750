import {
  type ApiException,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  Log,
  PatchStrategy,
  Watch,
} from '@kubernetes/client-node'
import { ObjectSerializer } from '@kubernetes/client-node/dist/serializer.js'
import { ConnectionError } from '../connection/connection.ts'
import { MlopsError } from '../errors.ts'
import { followList } from './follow.ts'
import { type Manifest, manager } from './manifest.ts'

/** An object as the cluster has it: plain JSON. */
export interface Live extends Manifest {
  readonly metadata: Manifest['metadata'] & {
    readonly uid?: string
    readonly resourceVersion?: string
    readonly generation?: number
    readonly creationTimestamp?: string
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[]
    readonly managedFields?: readonly {
      readonly manager?: string
      readonly operation?: string
      readonly fieldsV1?: unknown
    }[]
  }
}

/** What is enough to find an object. */
export type Reference = Pick<Manifest, 'apiVersion' | 'kind'> & { readonly metadata: { readonly name: string } }

/** A namespace of a cluster. What is wrong with the cluster is a `ConnectionError`, a refused request a `Refusal`. */
export interface Cluster {
  readonly namespace: string
  readonly server: string
  /** Whether the cluster has this kind of object. */
  knows(apiVersion: string, kind: string): Promise<boolean>
  read(reference: Reference): Promise<Live | undefined>
  /** Server-side apply: what we said before and say no more is taken away. */
  apply(manifest: Manifest, options: { readonly dryRun: boolean; readonly force: boolean }): Promise<Live>
  create(manifest: Manifest): Promise<Live>
  /** Changes single fields. */
  merge(change: Reference & Readonly<Record<string, unknown>>): Promise<Live>
  remove(reference: Reference): Promise<void>
  list(
    apiVersion: string,
    kind: string,
    selector: { readonly labels?: string; readonly fields?: string },
  ): Promise<readonly Live[]>
  /** Keeps a list up to date until `stop`; `onChange` is called after each change. */
  follow(apiVersion: string, kind: string, labels: string, onChange: () => void): Promise<Followed>
  /** The lines that a container prints, until it ends, or as long as `signal` lets it. */
  log(pod: string, container: string, options: LogOptions): Promise<void>
}

export interface Followed {
  list(): readonly Live[]
  stop(): Promise<void>
}

export interface LogOptions {
  readonly onText: (text: string) => void
  readonly tail: number
  readonly follow?: boolean
  readonly previous?: boolean
  readonly sinceSeconds?: number | undefined
  readonly signal?: AbortSignal
}

/** A request that the cluster refused. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  /** Kubernetes' word for why, such as `Conflict`. */
  readonly reason: string
  /** Who else sets which fields, of a conflict between managers. */
  readonly conflicts: readonly string[]

  constructor(status: number, reason: string, message: string, conflicts: readonly string[] = []) {
    super(message)
    this.status = status
    this.reason = reason
    this.conflicts = conflicts
  }
}

/** The cluster of the user's kubeconfig. Throws `k8s.kubeconfig`, `k8s.context`. */
export function openCluster(wanted: {
  readonly context: string | undefined
  readonly namespace: string | undefined
}): Cluster {
  const config = loadConfig(wanted.context)
  const server = config.getCurrentCluster()?.server ?? ''
  const context = config.getContextObject(config.getCurrentContext())
  const namespace = wanted.namespace ?? context?.namespace ?? 'default'
  const api = config.makeApiClient(Api)
  const ask = <T>(request: () => Promise<T>) => patiently(request, server)
  const place = <T extends Reference>(object: T): T & KubernetesObject => ({
    ...object,
    metadata: object.kind === 'Namespace' ? object.metadata : { ...object.metadata, namespace },
  })
  return {
    namespace,
    server,
    knows: (apiVersion, kind) => ask(() => api.knows(apiVersion, kind)),
    read: reference =>
      ask(() => api.read(place(reference)))
        .then(live)
        .catch(error => {
          if (error instanceof Refusal && error.status === 404) return undefined
          throw error
        }),
    apply: (manifest, { dryRun, force }) =>
      ask(() =>
        api.patch(
          place(manifest),
          undefined,
          dryRun ? 'All' : undefined,
          manager,
          force,
          PatchStrategy.ServerSideApply,
        ),
      ).then(live),
    create: manifest => ask(() => api.create(place(manifest), undefined, undefined, manager)).then(live),
    merge: change =>
      ask(() => api.patch(place(change), undefined, undefined, manager, undefined, PatchStrategy.MergePatch)).then(
        live,
      ),
    async remove(reference) {
      await ask(() => api.delete(place(reference), undefined, undefined, undefined, undefined, 'Background')).catch(
        error => {
          if (!(error instanceof Refusal && error.status === 404)) throw error
        },
      )
    },
    list: async (apiVersion, kind, { labels, fields }) => {
      const found = await ask(() =>
        api.list(apiVersion, kind, namespace, undefined, undefined, undefined, fields, labels),
      )
      // objects of a list do not say what they are
      return found.items.map(item => live({ ...item, apiVersion, kind }))
    },
    follow: (apiVersion, kind, labels, onChange) => {
      const path = `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}/namespaces/${namespace}/${kind.toLowerCase()}s`
      const watch = new Watch(config)
      const source = {
        async list() {
          const found = await ask(() =>
            api.list(apiVersion, kind, namespace, undefined, undefined, undefined, undefined, labels),
          )
          return {
            version: found.metadata?.resourceVersion ?? '',
            items: found.items.map(item => live({ ...item, apiVersion, kind })),
          }
        },
        watch: (
          resourceVersion: string,
          onEvent: (type: string, object: Live) => void,
          onEnd: (error: unknown) => void,
        ) => watch.watch(path, { resourceVersion, labelSelector: labels, allowWatchBookmarks: true }, onEvent, onEnd),
      }
      return followList(source, onChange)
    },
    log: (pod, container, options) =>
      readLog(new Log(config), { pod, container, namespace }, options).catch(error => {
        throw isApiException(error) ? refusal(error) : unreachable(error, server)
      }),
  }
}

/** Objects go through as they are: the client's own models would drop what they do not know. */
class Api extends KubernetesObjectApi {
  async knows(apiVersion: string, kind: string): Promise<boolean> {
    try {
      return (await this.resource(apiVersion, kind)) !== undefined
    } catch (error) {
      if (isApiException(error) && error.code === 404) return false
      throw error
    }
  }
}

function loadConfig(context: string | undefined): KubeConfig {
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

/** Waits where the cluster asks to, and a little where the line broke; five times at most. */
async function patiently<T>(request: () => Promise<T>, server: string): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request()
    } catch (error) {
      const wait = attempt < 5 ? pauseMs(error, attempt) : undefined
      if (wait === undefined) throw isApiException(error) ? refusal(error) : unreachable(error, server)
      await new Promise(done => setTimeout(done, wait))
    }
  }
}

function pauseMs(error: unknown, attempt: number): number | undefined {
  if (!isApiException(error))
    return /ECONNRESET|EPIPE|socket hang up/.test(messageOf(error)) ? 200 * attempt : undefined
  const after = Number(error.headers['retry-after'])
  if (error.code === 429 || error.code === 503)
    return Math.min(Number.isFinite(after) ? after * 1000 : 500 * attempt, 10_000)
  if (error.code === 409 && statusOf(error.body).reason === 'Conflict' && conflictsOf(error.body).length === 0)
    return 100 * attempt
  return undefined
}

function refusal(error: ApiException<unknown>): Refusal {
  const { reason, message } = statusOf(error.body)
  return new Refusal(error.code, reason, message, conflictsOf(error.body))
}

function unreachable(error: unknown, server: string): Error {
  const message = messageOf(error)
  if (!/fetch|connect|ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|certificate|socket|self.signed|TLS|SSL/i.test(message))
    return error instanceof Error ? error : new Error(message)
  return new ConnectionError('unreachable', `the cluster at ${server} cannot be reached: ${message}`, {
    cause: error,
    hint: 'kubectl cluster-info asks the same cluster',
  })
}

interface Status {
  readonly reason: string
  readonly message: string
}

function statusOf(body: unknown): Status {
  const status = objectOf(body)
  const text = typeof body === 'string' ? body : ''
  return { reason: String(status['reason'] ?? ''), message: String(status['message'] ?? (text || 'no reason given')) }
}

function conflictsOf(body: unknown): string[] {
  const causes = objectOf(objectOf(body)['details'])['causes']
  return Array.isArray(causes)
    ? causes
        .filter(cause => cause?.reason === 'FieldManagerConflict')
        .map(cause => `${String(cause.field)} (${String(cause.message)})`)
    : []
}

/** Bodies of errors are JSON, as text or read already. */
function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'string') {
    try {
      return objectOf(JSON.parse(value))
    } catch {
      return {}
    }
  }
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function isApiException(error: unknown): error is ApiException<unknown> {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'body' in error
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The client's type says less than what comes: an object of the API server has all of this. */
function live(object: KubernetesObject): Live {
  return object as unknown as Live
}

async function readLog(
  log: Log,
  { namespace, pod, container }: { namespace: string; pod: string; container: string },
  { onText, tail, follow = false, previous = false, sinceSeconds, signal }: LogOptions,
): Promise<void> {
  const { PassThrough } = await import('node:stream')
  const stream = new PassThrough()
  stream.setEncoding('utf8').on('data', onText)
  const ended = new Promise<void>(done =>
    stream
      .on('close', () => done())
      .on('end', () => done())
      .on('error', () => done()),
  )
  const controller = await log.log(namespace, pod, container, stream, {
    follow,
    previous,
    tailLines: tail,
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
  })
  const stop = () => {
    controller.abort()
    stream.end()
  }
  signal?.addEventListener('abort', stop)
  await ended
  signal?.removeEventListener('abort', stop)
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
] as const) {
  for (const kind of kinds)
    for (const name of [kind, `${kind}List`]) ObjectSerializer.registerModel({ group, version, kind: name }, asTheyAre)
}
