import { type Application, exported } from '../argocd/application.ts'
import { getApplication, listApplications } from '../argocd/applications.ts'
import type { ServerFlags } from './argocd-flags.ts'
import { requireTarget, usesCluster, wantedName, withEnvironment } from './argocd-server.ts'
import {
  applicationsText,
  checkFormat,
  conditionsText,
  historyText,
  operationText,
  printData,
  resourcesText,
  say,
  summaryText,
} from './argocd-text.ts'

export interface GetFlags extends ServerFlags {
  readonly output: string
  readonly showOperation?: boolean
  readonly refresh?: boolean
  readonly hardRefresh?: boolean
}

/** Shows one Application. */
export async function showApp(text: string | undefined, given: GetFlags): Promise<void> {
  const flags = withEnvironment(given)
  checkFormat(flags.output, ['wide', 'json', 'yaml'])
  const { application, url } = await read(text, flags)
  if (printData(flags.output, flags.output === 'yaml' ? exported(application, 'Application') : application)) return
  say(summaryText(application, url))
  say(conditionsText(application))
  const operation = application.status?.operationState
  if (flags.showOperation && operation) say(`\n${operationText(operation)}`)
  say(resourcesText(application))
}

export interface ListFlags extends ServerFlags {
  readonly output: string
  readonly selector?: string
  readonly project?: readonly string[]
  readonly repo?: string
  readonly cluster?: string
}

/** Shows Applications in lines. */
export async function listApps(given: ListFlags): Promise<void> {
  const flags = withEnvironment(given)
  const { output, selector, project, repo, cluster, appNamespace } = flags
  checkFormat(output, ['wide', 'name', 'json', 'yaml'])
  const all = usesCluster(flags)
    ? await (await import('./argocd-cluster.ts')).listAll(flags, selector)
    : await listApplications(requireTarget(flags).session, { selector, projects: project, repo, appNamespace })
  const found = all.filter(
    ({ spec }) =>
      (!project || project.includes(spec.project)) &&
      (!repo || [spec.source, ...(spec.sources ?? [])].some(source => source?.repoURL === repo)) &&
      (!cluster || spec.destination.server === cluster || spec.destination.name === cluster),
  )
  if (printData(output, output === 'yaml' ? found.map(each => exported(each, 'Application')) : found)) return
  say(output === 'name' ? found.map(({ metadata }) => `${metadata.name}\n`).join('') : applicationsText(found))
}

/** Shows the revisions of an Application that were live. */
export async function showHistory(
  text: string | undefined,
  given: ServerFlags & { readonly output: string },
): Promise<void> {
  const flags = withEnvironment(given)
  checkFormat(flags.output, ['wide', 'id', 'json', 'yaml'])
  const { application } = await read(text, flags)
  const history = application.status?.history ?? []
  if (printData(flags.output, history)) return
  say(flags.output === 'id' ? history.map(({ id }) => `${id}\n`).join('') : historyText(application))
}

async function read(
  text: string | undefined,
  flags: ServerFlags & Partial<GetFlags>,
): Promise<{ application: Application; url: string }> {
  const name = wantedName(text, flags)
  // to look again is what a server is asked for
  if (usesCluster(flags) && !flags.refresh && !flags.hardRefresh) {
    const { readOne } = await import('./argocd-cluster.ts')
    return readOne(flags, name)
  }
  const { session } = requireTarget(flags)
  const refresh = flags.hardRefresh ? 'hard' : flags.refresh ? 'normal' : undefined
  return { application: await getApplication(session, name, { refresh }), url: session.url }
}
