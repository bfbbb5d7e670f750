import type { Cluster, Live } from './cluster.ts'
import { manager, ownSelector } from './manifest.ts'

/** A Deployment, and the earlier template that it can be taken back to. */
export interface Earlier {
  readonly deployment: Live
  readonly revision: number
  /** The template of then. */
  readonly template: Readonly<Record<string, unknown>>
}

const revisionKey = 'deployment.kubernetes.io/revision'

/** The revisions before the present ones, of all Deployments of the project that have one. */
export async function earlierRevisions(cluster: Cluster, project: string): Promise<readonly Earlier[]> {
  const [deployments, sets] = [
    await cluster.list('apps/v1', 'Deployment', { labels: ownSelector(project) }),
    await cluster.list('apps/v1', 'ReplicaSet', { labels: ownSelector(project) }),
  ]
  return deployments.flatMap(deployment => {
    const theirs = sets.filter(set =>
      set.metadata.ownerReferences?.some(
        ({ kind, name }) => kind === 'Deployment' && name === deployment.metadata.name,
      ),
    )
    const before = theirs
      .filter(set => revisionOf(set) < revisionOf(deployment))
      .sort((a, b) => revisionOf(b) - revisionOf(a))[0]
    return before === undefined
      ? []
      : [{ deployment, revision: revisionOf(before), template: withoutHash(Object(before['spec']).template) }]
  })
}

/** Puts the earlier template in force: with it image, settings in it, and model are those of then. */
export async function takeBack(cluster: Cluster, { deployment, template }: Earlier): Promise<void> {
  const { apiVersion, kind, metadata } = deployment
  const { replicas, selector, strategy, revisionHistoryLimit, progressDeadlineSeconds } = Object(deployment['spec'])
  const { name, labels } = metadata
  await cluster.apply(
    {
      apiVersion,
      kind,
      metadata: { name, ...(labels === undefined ? {} : { labels }) },
      spec: { replicas, selector, strategy, revisionHistoryLimit, progressDeadlineSeconds, template },
    },
    { dryRun: false, force: true },
  )
}

/** What identifies a template for people: its images, and its models. */
export function describeTemplate(template: Readonly<Record<string, unknown>>): string {
  const { metadata, spec } = template as {
    metadata?: { annotations?: Record<string, string> }
    spec?: { containers?: { image?: string }[] }
  }
  const images = [...new Set((spec?.containers ?? []).map(({ image }) => image))]
  const models = Object.entries(metadata?.annotations ?? {})
    .filter(([key]) => key.startsWith(`${manager}/model-`))
    .map(([key, digest]) => `${key.slice(`${manager}/model-`.length)} ${digest.replace('sha256:', '').slice(0, 12)}`)
  return [...images, ...models].join(', ')
}

function revisionOf({ metadata }: Live): number {
  return Number(metadata.annotations?.[revisionKey] ?? 0)
}

/** The controller adds this label by itself. */
function withoutHash(template: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const metadata = Object(template['metadata'])
  const { 'pod-template-hash': _, ...labels } = Object(metadata.labels)
  const { creationTimestamp: _time, ...rest } = metadata
  return { ...template, metadata: { ...rest, labels } }
}
