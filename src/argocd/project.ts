import { MlopsError, throwAll } from '../errors.ts'
import type { Manifest } from '../kubernetes/manifest.ts'
import { apiVersion } from './application.ts'
import { type Fields, listOf, within } from './spec.ts'

/** An AppProject as Argo CD's API gives it: what we read of it. */
export interface AppProject extends Manifest {
  readonly spec: {
    readonly description?: string
    readonly sourceRepos?: readonly string[]
    readonly destinations?: readonly {
      readonly server?: string
      readonly name?: string
      readonly namespace?: string
    }[]
    readonly clusterResourceWhitelist?: readonly ResourceKind[]
    readonly namespaceResourceWhitelist?: readonly ResourceKind[]
    readonly namespaceResourceBlacklist?: readonly ResourceKind[]
  }
}

export interface ResourceKind {
  readonly group: string
  readonly kind: string
}

/** What flags say of an AppProject. */
export interface ProjectFlags {
  readonly description?: string
  /** Repositories that its Applications may use. */
  readonly src?: readonly string[]
  /** `SERVER,NAMESPACE` or `SERVER,NAMESPACE,NAME`. */
  readonly dest?: readonly string[]
  /** `GROUP/KIND` each; without a group: `KIND`. */
  readonly allowClusterResource?: readonly string[]
  readonly denyClusterResource?: readonly string[]
  readonly allowNamespacedResource?: readonly string[]
  readonly denyNamespacedResource?: readonly string[]
  readonly sourceNamespaces?: readonly string[]
  readonly orphanedResources?: boolean
  readonly orphanedResourcesWarn?: boolean
}

/** An AppProject as flags describe it, on top of one that is written. Throws all that is wrong at once (`argocd.flag`). */
export function makeProject(name: string, flags: ProjectFlags, written?: Manifest): Manifest {
  const base: Fields = structuredClone({ ...(written ?? {}) })
  const spec = within(base, 'spec')
  const errors: MlopsError[] = []
  if (flags.description !== undefined) spec['description'] = flags.description
  if (flags.src !== undefined) spec['sourceRepos'] = [...flags.src]
  if (flags.dest !== undefined) spec['destinations'] = []
  for (const text of flags.dest ?? []) {
    const [server, namespace, cluster, ...more] = text.split(',')
    if (!server || !namespace || more.length > 0)
      errors.push(
        new MlopsError('argocd.flag', `--dest ${text} is not SERVER,NAMESPACE`, { hint: '*,* is everything' }),
      )
    else listOf(spec, 'destinations').push({ server, namespace, ...(cluster && { name: cluster }) })
  }
  for (const [field, texts] of [
    ['clusterResourceWhitelist', flags.allowClusterResource],
    ['clusterResourceBlacklist', flags.denyClusterResource],
    ['namespaceResourceWhitelist', flags.allowNamespacedResource],
    ['namespaceResourceBlacklist', flags.denyNamespacedResource],
  ] as const) {
    if (texts !== undefined) spec[field] = texts.map(kindOf)
  }
  if (flags.sourceNamespaces !== undefined) spec['sourceNamespaces'] = [...flags.sourceNamespaces]
  if (flags.orphanedResources || flags.orphanedResourcesWarn !== undefined)
    spec['orphanedResources'] = flags.orphanedResourcesWarn === undefined ? {} : { warn: flags.orphanedResourcesWarn }
  throwAll(errors)
  return { apiVersion, kind: 'AppProject', metadata: { ...written?.metadata, name }, spec }
}

/** The AppProject in which an Application may do what it does, and no more. */
export function projectFor(name: string, application: Manifest): Manifest {
  const { destination, source, sources } = Object(application['spec'])
  const all: unknown[] = Array.isArray(sources) ? sources : [source]
  const repositories = [...new Set(all.flatMap(each => Object(each).repoURL ?? []))].map(String)
  const { server, name: cluster, namespace } = Object(destination)
  return {
    apiVersion,
    kind: 'AppProject',
    metadata: { name, ...(application.metadata.namespace && { namespace: application.metadata.namespace }) },
    spec: {
      sourceRepos: repositories,
      destinations: [{ ...(server ? { server } : { name: cluster }), namespace: namespace ?? '*' }],
    },
  }
}

/** `GROUP/KIND`; a kind of the core has no group. */
function kindOf(text: string): ResourceKind {
  const [first = '', ...rest] = text.split('/')
  return rest.length === 0 ? { group: '', kind: first } : { group: first, kind: rest.join('/') }
}
