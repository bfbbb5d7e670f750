import { MlopsError, throwAll } from '../errors.ts'
import type { Manifest } from '../kubernetes/manifest.ts'
import { type Fields, isFields, pairs, within } from './spec.ts'
import { applyFlags, type Given } from './spec-flags.ts'

export const apiVersion = 'argoproj.io/v1alpha1'

/** The namespace that Argo CD lives in, unless somebody installed it elsewhere. */
export const argoNamespace = 'argocd'

/** Lets Argo CD delete what an Application made before the Application itself goes. */
export const resourcesFinalizer = 'resources-finalizer.argocd.argoproj.io'

/** The cluster that Argo CD itself runs in, as it names it. */
export const ownCluster = 'https://kubernetes.default.svc'

/** An Application as Argo CD's API gives it: what we read of it. */
export interface Application extends Manifest {
  readonly metadata: Manifest['metadata'] & {
    readonly resourceVersion?: string
    readonly finalizers?: readonly string[]
    readonly deletionTimestamp?: string
  }
  readonly spec: {
    readonly project: string
    readonly source?: Source
    readonly sources?: readonly Source[]
    readonly destination: { readonly server?: string; readonly name?: string; readonly namespace?: string }
    readonly syncPolicy?: { readonly automated?: { readonly prune?: boolean; readonly enabled?: boolean } }
  }
  /** Set while an operation was asked for and has not begun. */
  readonly operation?: Operation
  readonly status?: Status
}

export interface Source {
  readonly repoURL: string
  readonly path?: string
  readonly chart?: string
  readonly targetRevision?: string
}

export interface Operation {
  readonly sync?: { readonly dryRun?: boolean; readonly revision?: string }
}

export interface Status {
  readonly sync?: { readonly status?: string; readonly revision?: string }
  readonly health?: Health
  readonly conditions?: readonly { readonly type: string; readonly message: string }[]
  readonly resources?: readonly (ResourceName & { readonly status?: string; readonly health?: Health })[]
  readonly operationState?: OperationState
  readonly reconciledAt?: string
  readonly history?: readonly Revision[]
}

export interface Health {
  readonly status?: string
  readonly message?: string
}

export interface ResourceName {
  readonly group?: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
}

export interface OperationState {
  readonly phase?: string
  readonly message?: string
  readonly startedAt?: string
  readonly finishedAt?: string
  readonly operation?: Operation
  readonly syncResult?: { readonly revision?: string; readonly resources?: readonly ResourceResult[] }
}

/** What a sync did with one object. */
export interface ResourceResult extends ResourceName {
  /** `Synced`, `SyncFailed`, `Pruned`, `PruneSkipped`. */
  readonly status?: string
  readonly message?: string
  readonly hookType?: string
  readonly hookPhase?: string
}

export interface Revision {
  readonly id: number
  readonly revision?: string
  readonly deployedAt?: string
  readonly source?: Source
}

/** What flags say of an Application beside its spec. */
export interface ApplicationFlags {
  readonly name: string
  /** Where the Application itself lives; undefined: Argo CD's own namespace. */
  readonly namespace?: string | undefined
  readonly labels?: readonly string[]
  readonly annotations?: readonly string[]
  /** What deleting the Application takes along is then deleted first. */
  readonly finalizer?: boolean
  readonly given: Given
}

/** An Application as flags describe it, on top of one that is written. Throws all that is wrong at once. */
export function makeApplication(flags: ApplicationFlags, written?: Manifest): Manifest {
  const { name, namespace, labels = [], annotations = [], given } = flags
  const base: Fields = structuredClone({ ...(written ?? { apiVersion, kind: 'Application', metadata: {}, spec: {} }) })
  const metadata = within(base, 'metadata')
  const spec = within(base, 'spec')
  metadata['name'] = name
  if (namespace !== undefined) metadata['namespace'] = namespace
  if (labels.length > 0) Object.assign(within(metadata, 'labels'), pairs('label', labels))
  if (annotations.length > 0) Object.assign(within(metadata, 'annotations'), pairs('annotations', annotations))
  if (flags.finalizer) metadata['finalizers'] = [resourcesFinalizer]
  applyFlags(spec, given)
  fillIn(spec)
  throwAll(problems(name, spec))
  return manifest(base)
}

/**
 * What manifests of ours need of a sync: the number of pods is the autoscalers', and a model goes when no pod of the release before
 * reads it any more.
 */
export function forOurManifests(application: Manifest): Manifest {
  const spec: Fields = structuredClone(Object(application['spec']))
  spec['ignoreDifferences'] ??= [{ group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }]
  const policy = within(spec, 'syncPolicy')
  const said = Array.isArray(policy['syncOptions']) ? policy['syncOptions'].map(String) : []
  const missing = ['PruneLast', 'RespectIgnoreDifferences'].filter(
    name => !said.some(each => each.startsWith(`${name}=`)),
  )
  policy['syncOptions'] = [...said, ...missing.map(name => `${name}=true`)]
  return { ...application, spec }
}

/** A resource that can be applied as it is: without what Argo CD and the cluster add. */
export function exported(
  { metadata, spec }: Pick<Application, 'metadata'> & { readonly spec: unknown },
  kind: 'Application' | 'AppProject',
): Manifest {
  const { name, namespace, labels, annotations, finalizers } = metadata
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...others } = annotations ?? {}
  const kept = Object.fromEntries(
    Object.entries(others).filter(([key]) => !key.startsWith('argocd.argoproj.io/refresh')),
  )
  return {
    apiVersion,
    // the API does not say it of what it answers
    kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(labels !== undefined && { labels }),
      ...(Object.keys(kept).length > 0 && { annotations: kept }),
      ...(finalizers !== undefined && { finalizers }),
    },
    spec,
  }
}

/** The first source, which names the whole application where there is only one. */
export function firstSource({ spec }: Application): Source | undefined {
  return spec.source ?? spec.sources?.[0]
}

function fillIn(spec: Fields): void {
  spec['project'] ??= 'default'
  const destination = within(spec, 'destination')
  if (destination['server'] === undefined && destination['name'] === undefined) destination['server'] = ownCluster
}

function problems(name: string, spec: Fields): MlopsError[] {
  const errors: MlopsError[] = []
  const complain = (message: string, hint: string) =>
    errors.push(new MlopsError('argocd.incomplete', message, { hint }))
  if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) {
    errors.push(
      new MlopsError('argocd.name', `${name} is no name for an Application`, {
        hint: 'lower-case letters, digits, - and .; letters or digits at both ends',
      }),
    )
  }
  if (isFields(spec['source'])) {
    const { repoURL, path, chart, ref } = spec['source']
    if (repoURL === undefined) complain('which repository?', '--repo URL')
    if (path === undefined && chart === undefined && ref === undefined)
      complain('which folder of the repository?', '--path FOLDER (. is its top), or --helm-chart NAME')
  } else if (!Array.isArray(spec['sources']) && spec['sourceHydrator'] === undefined)
    complain('an Application needs a source', '--repo URL --path FOLDER')
  return errors
}

/** Data that has the fields of a manifest, in the order in which people write them. */
function manifest({ apiVersion: version, kind, metadata, spec, ...rest }: Fields): Manifest {
  // metadata was filled in above
  return { apiVersion: version, kind, metadata, spec, ...rest } as unknown as Manifest
}
