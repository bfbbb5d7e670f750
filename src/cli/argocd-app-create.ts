import { type Application, argoNamespace, exported, forOurManifests, makeApplication } from '../argocd/application.ts'
import { applicationName, createApplication, getApplication } from '../argocd/applications.ts'
import { projectFor } from '../argocd/project.ts'
import { createProject } from '../argocd/projects.ts'
import { ArgoError } from '../argocd/refusal.ts'
import type { Session } from '../argocd/session.ts'
import type { Given } from '../argocd/spec-flags.ts'
import { MlopsError } from '../errors.ts'
import type { Manifest } from '../kubernetes/manifest.ts'
import { placeIn } from '../project/place.ts'
import type { Project } from '../project/project.ts'
import { readResources, writeResources } from './argocd-files.ts'
import { givenFlags, type ServerFlags } from './argocd-flags.ts'
import { findTarget, type Target, usesCluster, withEnvironment } from './argocd-server.ts'
import { tell } from './argocd-text.ts'
import { clusterProject } from './k8s-target.ts'

export interface CreateFlags extends ServerFlags {
  readonly file?: string
  readonly output?: string
  readonly createProject?: boolean
  readonly label?: readonly string[]
  readonly annotations?: readonly string[]
  readonly setFinalizer?: boolean
  readonly upsert?: boolean
  readonly validate?: boolean
}

/** Creates Applications at the server or in the cluster, or writes them. */
export async function createApp(name: string | undefined, given: CreateFlags): Promise<void> {
  const flags = withEnvironment(given)
  const place = placeOf(flags)
  const applications = await describe(name, flags, place)
  const projects = flags.createProject ? projectsFor(applications) : []
  const resources = [...projects, ...applications]
  if (place.kind === 'output') {
    writeResources(place.output, resources)
    if (place.hint) process.stderr.write(`${place.hint}\n`)
  } else if (place.kind === 'cluster') {
    const { applyAll } = await import('./argocd-cluster.ts')
    await applyAll(resources, flags)
  } else await createAll(place.target, projects, applications, flags)
}

/** Where a new resource goes. */
export type Place =
  | { readonly kind: 'output'; readonly output: string; readonly hint?: string }
  | { readonly kind: 'cluster' }
  | { readonly kind: 'server'; readonly target: Target }

/** What flags and login say about it: who is not logged in gets to see the resource. */
export function placeOf(flags: ServerFlags & { readonly output?: string }): Place {
  if (flags.output !== undefined) return { kind: 'output', output: flags.output }
  if (usesCluster(flags)) return { kind: 'cluster' }
  const target = findTarget(flags)
  if (target !== undefined) return { kind: 'server', target }
  const hint =
    'written only, since nobody is logged in: mlops argocd login SERVER, or --core for the cluster of the kubeconfig'
  return { kind: 'output', output: 'yaml', hint }
}

async function createAll(
  { session }: Target,
  projects: readonly Manifest[],
  applications: readonly Manifest[],
  flags: CreateFlags,
): Promise<void> {
  const { upsert = false, validate = true } = flags
  for (const project of projects) {
    await createProject(session, project, upsert)
    tell(project, 'created')
  }
  for (const application of applications) {
    const before = await found(session, application.metadata)
    const made = await createApplication(session, application, { upsert, validate })
    tell(made, before === undefined ? 'created' : isSame(before, made) ? 'unchanged' : 'updated')
  }
}

/** Argo CD may also say of one that is not there that it is forbidden. */
async function found(session: Session, { name, namespace }: Manifest['metadata']): Promise<Application | undefined> {
  try {
    return await getApplication(session, { name, appNamespace: namespace })
  } catch (error) {
    if (error instanceof ArgoError && (error.status === 404 || error.status === 403)) return undefined
    throw error
  }
}

function isSame(a: Application, b: Application): boolean {
  return JSON.stringify(exported(a, 'Application')) === JSON.stringify(exported(b, 'Application'))
}

async function describe(name: string | undefined, flags: CreateFlags, place: Place): Promise<readonly Manifest[]> {
  const { label: labels = [], annotations = [], setFinalizer: finalizer = false } = flags
  // the server knows its own namespace; written, a resource has to say it
  const namespace = flags.appNamespace ?? (place.kind === 'server' ? undefined : argoNamespace)
  const more = { namespace, labels, annotations, finalizer, given: givenFlags({ ...flags }) }
  if (flags.file === undefined) {
    const project = clusterProject(undefined)
    const wanted = applicationName(name ?? project?.name ?? '', namespace)
    if (wanted.name === '') {
      throw new MlopsError('argocd.name', 'how shall the Application be called?', {
        hint: 'mlops argocd app create NAME; in a project with `target: kubernetes` it is that of the project',
      })
    }
    const own = { name: wanted.name, namespace: wanted.appNamespace }
    refuseLocal(more.given, project)
    const made = makeApplication({ ...more, ...own, given: withDefaults(more.given, project) })
    return [project === undefined ? made : forOurManifests(made)]
  }
  const written = await readResources(flags.file, 'Application')
  return written.map(each => {
    if (name !== undefined && each.metadata.name !== name) {
      throw new MlopsError('argocd.name', `${flags.file} holds ${each.metadata.name || 'no name'}, not ${name}`, {
        hint: 'leave NAME out, or correct metadata.name',
      })
    }
    const { name: own, namespace: its } = each.metadata
    return makeApplication({ ...more, name: own, namespace: flags.appNamespace ?? its ?? namespace }, each)
  })
}

/** A repository on this machine is none for Argo CD. Throws `argocd.local-repository`. */
function refuseLocal(given: Given, project: Project | undefined): void {
  const repository = project?.kubernetes.publish?.repository
  if (given['repo'] !== undefined || repository === undefined || !/^(?:\/|file:)/i.test(repository)) return
  throw new MlopsError('argocd.local-repository', `Argo CD cannot reach ${repository}: it is a path of this machine`, {
    hint: 'push it to a server, and say its address: kubernetes: { publish: { repository: URL } } in mlops.yml, or --repo URL',
    at: placeIn(project?.file, ['kubernetes', 'publish', 'repository']),
  })
}

/** What `mlops.yml` knows, where flags say nothing. */
function withDefaults(given: Given, project: Project | undefined): Given {
  if (project === undefined) return given
  const { namespace, publish } = project.kubernetes
  return {
    ...given,
    repo: given['repo'] ?? publish?.repository,
    path: given['path'] ?? (given['helm-chart'] === undefined ? publish?.path : undefined),
    revision: given['revision'] ?? publish?.branch,
    'dest-namespace': given['dest-namespace'] ?? namespace,
  }
}

/** Argo CD's own project allows everything already. */
function projectsFor(applications: readonly Manifest[]): readonly Manifest[] {
  const made = new Map<string, Manifest>()
  for (const application of applications) {
    const { project } = Object(application['spec'])
    if (project !== 'default' && !made.has(project)) made.set(String(project), projectFor(String(project), application))
  }
  return [...made.values()]
}
