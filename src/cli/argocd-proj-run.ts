import { argoNamespace, exported } from '../argocd/application.ts'
import { makeProject, type ProjectFlags } from '../argocd/project.ts'
import { createProject, deleteProject, getProject, listProjects } from '../argocd/projects.ts'
import { MlopsError } from '../errors.ts'
import { table } from '../report/table.ts'
import { placeOf } from './argocd-app-create.ts'
import { readResources, writeResources } from './argocd-files.ts'
import type { ServerFlags } from './argocd-flags.ts'
import { requireTarget, withEnvironment } from './argocd-server.ts'
import { checkFormat, printData, say, tell } from './argocd-text.ts'

export interface CreateProjFlags extends ServerFlags, ProjectFlags {
  readonly file?: string
  readonly output?: string
  readonly upsert?: boolean
}

/** Creates an AppProject at the server or in the cluster, or writes it. */
export async function createProj(named: string | undefined, given: CreateProjFlags): Promise<void> {
  const flags = withEnvironment(given)
  const [written] = flags.file === undefined ? [] : await readResources(flags.file, 'AppProject')
  const name = named ?? written?.metadata.name
  if (name === undefined || name === '')
    throw new MlopsError('argocd.name', 'how shall the project be called?', { hint: 'mlops argocd proj create NAME' })
  const project = makeProject(name, flags, written)
  const place = placeOf(flags)
  if (place.kind === 'server') {
    await createProject(place.target.session, project, flags.upsert === true)
    return tell(project, 'created')
  }
  const { namespace = flags.appNamespace ?? argoNamespace } = project.metadata
  const located = { ...project, metadata: { ...project.metadata, namespace } }
  if (place.kind === 'cluster') return (await import('./argocd-cluster.ts')).applyAll([located], flags)
  writeResources(place.output, [located])
  if (place.hint) process.stderr.write(`${place.hint}\n`)
}

/** Shows one project. */
export async function showProj(name: string, given: ServerFlags & { readonly output: string }): Promise<void> {
  const flags = withEnvironment(given)
  checkFormat(flags.output, ['wide', 'json', 'yaml'])
  const project = await getProject(requireTarget(flags).session, name)
  const { spec } = project
  if (printData(flags.output, flags.output === 'yaml' ? exported(project, 'AppProject') : project)) return
  const destinations = (spec.destinations ?? []).map(
    ({ server, name: its, namespace }) => `${server ?? its},${namespace}`,
  )
  const rows: [string, readonly string[]][] = [
    ['Name', [project.metadata.name]],
    ['Description', [spec.description ?? '']],
    ['Destinations', destinations],
    ['Repositories', spec.sourceRepos ?? []],
    ['Allowed Cluster Resources', (spec.clusterResourceWhitelist ?? []).map(kindText)],
    ['Denied Namespaced Resources', (spec.namespaceResourceBlacklist ?? []).map(kindText)],
  ]
  for (const [title, values] of rows)
    say(
      (values.length === 0 ? ['<none>'] : values)
        .map((value, i) => `${(i === 0 ? `${title}:` : '').padEnd(29)}${value}\n`)
        .join(''),
    )
}

/** Shows projects in lines. */
export async function listProjs(given: ServerFlags & { readonly output: string }): Promise<void> {
  const flags = withEnvironment(given)
  checkFormat(flags.output, ['wide', 'name', 'json', 'yaml'])
  const projects = await listProjects(requireTarget(flags).session)
  if (printData(flags.output, flags.output === 'yaml' ? projects.map(each => exported(each, 'AppProject')) : projects))
    return
  if (flags.output === 'name') return say(projects.map(({ metadata }) => `${metadata.name}\n`).join(''))
  const several = (texts: readonly string[]) => (texts.length > 1 ? `${texts.length} of them` : (texts[0] ?? '<none>'))
  const rows = projects.map(({ metadata, spec }) => [
    metadata.name,
    spec.description ?? '',
    several((spec.destinations ?? []).map(({ server, name, namespace }) => `${server ?? name},${namespace}`)),
    several(spec.sourceRepos ?? []),
    several((spec.clusterResourceWhitelist ?? []).map(kindText)),
  ])
  say(table(['NAME', 'DESCRIPTION', 'DESTINATIONS', 'SOURCES', 'CLUSTER-RESOURCE-WHITELIST'], rows))
}

export async function deleteProj(name: string, given: ServerFlags): Promise<void> {
  const flags = withEnvironment(given)
  await deleteProject(requireTarget(flags).session, name)
  process.stdout.write(`project '${name}' deleted\n`)
}

function kindText({ group, kind }: { readonly group: string; readonly kind: string }): string {
  return `${group || '*'}/${kind}`
}
