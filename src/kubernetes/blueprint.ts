import type { KubernetesBroker, Replicas } from '../project/kubernetes.ts'
import type { Labels } from './manifest.ts'

/** Everything that manifests are made of: no file, clock or cluster is asked any more. */
export interface Blueprint {
  /** The project's name. */
  readonly project: string
  readonly layout: Layout
  readonly image: string
  readonly imagePullSecret: string | undefined
  readonly models: readonly Model[]
  readonly broker: KubernetesBroker
  readonly autoscale: 'cpu' | 'queue'
  readonly replicas: Readonly<Record<'web' | 'worker', Replicas>>
  /** A Secret with passwords that exists; undefined: ours. */
  readonly existingSecret: string | undefined
  /** What our own Secret holds; undefined: it is made up in the cluster. */
  readonly account: Account | undefined
}

/** The tweet API in one process, all of production in one pod, or each part apart. */
export type Layout = 'american' | 'one-pod' | 'apart'

export interface Account {
  readonly user: string
  readonly password: string
}

/** A model that is served, and where pods have it from. */
export type Model = { readonly name: string; readonly digest: string } & (
  | { readonly from: 'url'; readonly url: string; readonly isSecret: boolean }
  | { readonly from: 'claim'; readonly claim: string; readonly path: string }
  /** Content in base64, by file name. */
  | { readonly from: 'files'; readonly files: Readonly<Record<string, string>> }
)

/** A part of the application that has pods of its own. */
export interface Component {
  /** Part of file names; '' when there is only one part. */
  readonly part: string
  /** The value of the label `app`, and the container's name. */
  readonly app: string
  readonly project: string
}

/** The labels by which a component is found. They never change: a selector cannot. */
export function selectorOf({ app }: Component): Labels {
  return { app }
}

/** The labels of all that belongs to a component. */
export function labelsOf({ app, project, part }: Component): Labels {
  return {
    app,
    'app.kubernetes.io/managed-by': 'mlops',
    'app.kubernetes.io/part-of': project,
    ...(part === '' ? {} : { 'app.kubernetes.io/component': part }),
  }
}

/** The ports that the application is reached at: 5100, and 5008 for clients of the tweet API. */
export const ports = { web: 5100, american: 5008, amqp: 5672, management: 15672 } as const

/** The queue that workers take jobs from: the application's default. */
export const queue = 'mlops.predict'
