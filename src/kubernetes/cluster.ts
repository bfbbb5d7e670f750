import { type KubernetesObject, Log, PatchStrategy, Watch } from './client.ts'
import { followList } from './follow.ts'
import { loadConfig } from './kubeconfig.ts'
import { type Manifest, manager } from './manifest.ts'
import { PlainApi } from './plain-api.ts'
import { readLog } from './pod-log.ts'
import { judged, patiently, Refusal } from './refusal.ts'

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

/** The cluster of the user's kubeconfig. Throws `k8s.kubeconfig`, `k8s.context`. */
export function openCluster(wanted: {
  readonly context: string | undefined
  readonly namespace: string | undefined
}): Cluster {
  const config = loadConfig(wanted.context)
  const server = config.getCurrentCluster()?.server ?? ''
  const context = config.getContextObject(config.getCurrentContext())
  const namespace = wanted.namespace ?? context?.namespace ?? 'default'
  const api = config.makeApiClient(PlainApi)
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
        throw judged(error, server)
      }),
  }
}

/** The client's type says less than what comes: an object of the API server has all of this. */
function live(object: KubernetesObject): Live {
  return object as unknown as Live
}
