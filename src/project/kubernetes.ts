import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { MlopsError, type Position } from '../errors.ts'
import { at, data, type SourceNode } from '../source/node.ts'

/** What runs the application: servers of our own, each for itself or as a Docker Swarm, or a Kubernetes cluster. */
export type Target = 'servers' | 'swarm' | 'kubernetes'

/** How the whole application is laid out: 1 is all of production in one pod, 2 is web, worker and broker apart. */
export type Solution = 1 | 2

/** What `kubernetes:` in `mlops.yml` says, with its defaults filled in. */
export interface KubernetesSettings {
  /** Undefined: the one of the kubeconfig's context. */
  readonly namespace: string | undefined
  /** A context of the kubeconfig; undefined: its current one. */
  readonly context: string | undefined
  /** The predictor's image with its tag; undefined: named on the command line. */
  readonly image: string | undefined
  /** A Secret of the namespace that lets the cluster pull the image. */
  readonly imagePullSecret: string | undefined
  /** Undefined: what fits the models that are served. */
  readonly solution: Solution | undefined
  /** In the order of the file. */
  readonly models: readonly KubernetesModel[]
  readonly broker: KubernetesBroker
  /** What the number of workers follows. */
  readonly autoscale: 'cpu' | 'queue'
  /** A Secret of the namespace with passwords that we do not write; undefined: ours. */
  readonly secret: string | undefined
  readonly replicas: Readonly<Record<'web' | 'worker', Replicas>>
  /** Where manifests are committed to, for whoever watches that repository; undefined: nowhere, `apply` brings them to the cluster. */
  readonly publish: PublishSettings | undefined
}

/** A folder of a branch of a Git repository. */
export interface PublishSettings {
  /** A URL as git takes it, or an absolute path. */
  readonly repository: string
  /** Undefined: the one that the repository's HEAD names. */
  readonly branch: string | undefined
  /** `.` is the top. */
  readonly path: string
  readonly format: ManifestFormat
}

/** What manifests are written as. */
export type ManifestFormat = 'manifests' | 'helm' | 'kustomize'

/** How many copies there are, and how many an autoscaler may make of it. */
export interface Replicas {
  readonly least: number
  readonly most: number
}

/** Where pods get a model from. */
export type KubernetesModel = { readonly name: string; readonly at: Position } & (
  | { readonly from: 'url'; readonly url: string; readonly digest: string }
  | { readonly from: 'claim'; readonly claim: string; readonly path: string; readonly digest: string }
  /** An absolute folder of this machine: its files go along as a ConfigMap. */
  | { readonly from: 'folder'; readonly folder: string }
)

export interface KubernetesBroker {
  /** A StatefulSet of our own, or the resource of RabbitMQ's cluster operator. */
  readonly by: 'statefulset' | 'operator'
  readonly image: string
}

/** Reads `kubernetes:`, and the numbers under `services:` where these are meant for the cluster. The root fits the schema. */
export function readKubernetes(root: SourceNode, directory: string): KubernetesSettings {
  const node = at(root, ['kubernetes'])
  const text = (...path: string[]) => {
    const value = node && at(node, path)
    return value === undefined ? undefined : String(data(value))
  }
  const solution = text('solution')
  return {
    namespace: text('namespace'),
    context: text('context'),
    image: text('image'),
    imagePullSecret: text('image_pull_secret'),
    solution: solution === undefined ? undefined : solution === '1' ? 1 : 2,
    models: readModels(node && at(node, ['models']), directory),
    broker: {
      by: text('broker', 'by') === 'operator' ? 'operator' : 'statefulset',
      image: text('broker', 'image') ?? 'rabbitmq:3.13-management',
    },
    autoscale: text('autoscale') === 'queue' ? 'queue' : 'cpu',
    secret: text('secret'),
    replicas: { web: readReplicas(root, 'web'), worker: readReplicas(root, 'worker') },
    publish: readPublish(node && at(node, ['publish']), directory),
  }
}

/** A repository as git takes it: what is neither a URL nor `host:path` is a path, seen from the folder. */
export function repositoryFrom(text: string, directory: string): string {
  const isRemote = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^[^/]+:/.test(text)
  return isRemote ? text : resolve(directory, text.replace(/^~(?=\/)/, homedir()))
}

/** What the schema cannot say about `kubernetes:`. */
export function checkKubernetes({ models }: KubernetesSettings): MlopsError[] {
  const [, ...more] = models.filter(model => model.from === 'url')
  return more.map(
    model =>
      new MlopsError('project.one-url', `${model.name} is the second model that pods would fetch from a URL`, {
        at: model.at,
        hint: 'the predictor fetches one; give the other as `folder` or `claim`',
      }),
  )
}

/** Numbers for servers say nothing about a cluster: there, two of each is where safety begins. */
function readReplicas(root: SourceNode, service: string): Replicas {
  const number = (key: string) => {
    const node = targetOf(root) === 'kubernetes' ? at(root, ['services', service, key]) : undefined
    return node === undefined ? undefined : Number(data(node))
  }
  const least = number('replicas') ?? 2
  return { least, most: Math.max(least, number('max_replicas') ?? 3 * least) }
}

/** What runs the application. */
export function targetOf(root: SourceNode): Target {
  const node = at(root, ['target'])
  const target = node && data(node)
  return target === 'kubernetes' || target === 'swarm' ? target : 'servers'
}

function readPublish(node: SourceNode | undefined, directory: string): PublishSettings | undefined {
  const text = (key: string) => {
    const value = node && at(node, [key])
    return value === undefined ? undefined : String(data(value))
  }
  const [repository, format] = [text('repository'), text('format')]
  if (repository === undefined) return undefined
  return {
    repository: repositoryFrom(repository, directory),
    branch: text('branch'),
    path: text('path') ?? '.',
    format: format === 'helm' || format === 'kustomize' ? format : 'manifests',
  }
}

function readModels(node: SourceNode | undefined, directory: string): KubernetesModel[] {
  if (node?.kind !== 'map') return []
  return node.entries.map(({ key, value }) => {
    const name = String(key.value)
    const text = (field: string) => {
      const found = at(value, [field])
      return found === undefined ? undefined : String(data(found))
    }
    const [folder, url, claim, digest = ''] = [text('folder'), text('url'), text('claim'), text('digest')]
    const common = { name, at: key.at }
    if (folder !== undefined) return { ...common, from: 'folder', folder: resolve(directory, folder) }
    if (url !== undefined) return { ...common, from: 'url', url, digest }
    return { ...common, from: 'claim', claim: claim ?? '', path: text('path') ?? name, digest }
  })
}
