import { madeUpSecret, makeUpAccount } from './account.ts'
import type { Blueprint } from './blueprint.ts'
import type { Cluster, Live } from './cluster.ts'
import { type Manifest, manager, nameOf } from './manifest.ts'
import { fitted, ownObjects } from './own.ts'
import { Refusal, wayOut } from './refusal.ts'
import { render } from './render.ts'

/** What became of one object. */
export interface Applied {
  /** `Deployment american-predictor-deployment`. */
  readonly object: string
  readonly outcome: 'created' | 'configured' | 'unchanged' | 'deleted' | 'failed'
  readonly problem?: string
  readonly hint?: string
}

export interface ApplyOptions {
  /** The cluster checks everything and keeps nothing. */
  readonly dryRun: boolean
  /** Takes fields over that somebody else sets. */
  readonly force: boolean
  readonly onApplied: (applied: Applied) => void
}

/** Brings the cluster to what the blueprint says; what fails does not keep the rest from being applied. */
export async function apply(
  cluster: Cluster,
  blueprint: Blueprint,
  options: ApplyOptions,
): Promise<readonly Applied[]> {
  const manifests = await fitted(cluster, render(blueprint))
  const done: Applied[] = []
  const tell = (applied: Applied) => {
    done.push(applied)
    options.onApplied(applied)
  }
  const account = madeUpSecret(blueprint)
  if (account !== undefined && !options.dryRun) {
    tell(await attempt(`Secret ${account}`, () => makeUpAccount(cluster, blueprint)))
  }
  for (const manifest of manifests) tell(await attempt(nameOf(manifest), () => applyOne(cluster, manifest, options)))
  return done
}

/** What would differ: each object as it is, and as it would be. */
export async function compare(
  cluster: Cluster,
  blueprint: Blueprint,
  { force }: { readonly force: boolean },
): Promise<
  readonly { readonly object: string; readonly before: Live | undefined; readonly after: Live | undefined }[]
> {
  const manifests = await fitted(cluster, render(blueprint))
  const changes = []
  for (const manifest of manifests) {
    const before = await cluster.read(manifest)
    const after = await applied(cluster, withReplicas(manifest, before), { dryRun: true, force })
    changes.push({ object: nameOf(manifest), before, after })
  }
  const surplus = await surplusObjects(cluster, blueprint)
  return [...changes, ...surplus.map(before => ({ object: nameOf(before), before, after: undefined }))]
}

/** Removes what we made of the project and its blueprint no longer has. */
export async function prune(
  cluster: Cluster,
  blueprint: Blueprint,
  options: Pick<ApplyOptions, 'dryRun' | 'onApplied'>,
): Promise<readonly Applied[]> {
  return await removeAll(cluster, await surplusObjects(cluster, blueprint), options)
}

/** Removes these objects; one that cannot be removed does not keep the rest. */
export async function removeAll(
  cluster: Cluster,
  objects: readonly Live[],
  { dryRun, onApplied }: Pick<ApplyOptions, 'dryRun' | 'onApplied'>,
): Promise<readonly Applied[]> {
  const done: Applied[] = []
  for (const object of objects) {
    const applied = await attempt(nameOf(object), async () => {
      if (!dryRun) await cluster.remove(object)
      return 'deleted' as const
    })
    done.push(applied)
    onApplied(applied)
  }
  return done
}

async function surplusObjects(cluster: Cluster, blueprint: Blueprint): Promise<readonly Live[]> {
  const wanted = new Set(render(blueprint).map(nameOf))
  const account = madeUpSecret(blueprint)
  if (account !== undefined) wanted.add(`Secret ${account}`)
  const surplus = (await ownObjects(cluster, blueprint.project)).filter(object => !wanted.has(nameOf(object)))
  return withoutModelsInUse(cluster, surplus)
}

/** Models of earlier revisions stay as long as one can be taken back to them. */
async function withoutModelsInUse(cluster: Cluster, objects: readonly Live[]): Promise<readonly Live[]> {
  const isModel = ({ kind, metadata }: Live) =>
    kind === 'ConfigMap' && /-model-[a-z]+-[0-9a-f]{12}$/.test(metadata.name)
  if (!objects.some(isModel)) return objects
  const revisions = JSON.stringify(await cluster.list('apps/v1', 'ReplicaSet', {}))
  return objects.filter(object => !isModel(object) || !revisions.includes(`"${object.metadata.name}"`))
}

async function applyOne(
  cluster: Cluster,
  manifest: Manifest,
  { dryRun, force }: ApplyOptions,
): Promise<Applied['outcome']> {
  const before = await cluster.read(manifest)
  const after = await applied(cluster, withReplicas(manifest, before), { dryRun, force })
  if (before === undefined) return 'created'
  return sameSpec(before, after) ? 'unchanged' : 'configured'
}

/** What `mlops scale` set in a request of another kind is ours, too. */
async function applied(
  cluster: Cluster,
  manifest: Manifest,
  options: { readonly dryRun: boolean; readonly force: boolean },
) {
  try {
    return await cluster.apply(manifest, options)
  } catch (error) {
    const isOurs = (conflict: string) => conflict.includes(`conflict with "${manager}"`)
    if (!(error instanceof Refusal) || error.conflicts.length === 0 || !error.conflicts.every(isOurs)) throw error
    return await cluster.apply(manifest, { ...options, force: true })
  }
}

/** A number of pods that somebody else chose, such as an autoscaler, stays. */
function withReplicas(manifest: Manifest, before: Live | undefined): Manifest {
  const actual = before && replicasOf(before)
  if (manifest.kind !== 'Deployment' || actual === undefined || !isOthersNumber(before)) return manifest
  return { ...manifest, spec: { ...Object(manifest['spec']), replicas: actual } }
}

function isOthersNumber(object: Live | undefined): boolean {
  return (object?.metadata.managedFields ?? []).some(
    ({ manager: who, operation, fieldsV1 }) =>
      !(who === manager && operation === 'Apply') && Object(Object(fieldsV1)['f:spec'])['f:replicas'] !== undefined,
  )
}

function replicasOf(object: Manifest): number | undefined {
  const replicas = Object(object['spec']).replicas
  return typeof replicas === 'number' ? replicas : undefined
}

/** Who manages a field, and what the cluster counts, is no difference. */
function sameSpec(a: Live, b: Live): boolean {
  return JSON.stringify(essence(a)) === JSON.stringify(essence(b))
}

/** What people write of an object: no status, and nothing that the cluster counts. */
export function essence(object: Live): Readonly<Record<string, unknown>> {
  const { status: _, metadata, ...rest } = object
  const { name, namespace, labels, annotations } = metadata
  const { 'deployment.kubernetes.io/revision': _revision, ...others } = annotations ?? {}
  return {
    ...rest,
    metadata: { name, namespace, labels, ...(Object.keys(others).length === 0 ? {} : { annotations: others }) },
  }
}

async function attempt(object: string, work: () => Promise<Applied['outcome']>): Promise<Applied> {
  try {
    return { object, outcome: await work() }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { conflicts, message } = error
    if (conflicts.length > 0) {
      const hint = `somebody else sets them; --force-conflicts takes them over`
      return { object, outcome: 'failed', problem: `conflict over ${conflicts.join(', ')}`, hint }
    }
    const hint = wayOut(error)
    return { object, outcome: 'failed', problem: message, ...(hint === undefined ? {} : { hint }) }
  }
}
