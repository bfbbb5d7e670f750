import { getApplication, type ManagedResource, managedResources } from '../argocd/applications.ts'
import { yaml } from '../kubernetes/text.ts'
import { diffText } from '../report/diff-text.ts'
import { paint, wantsColor } from '../report/paint.ts'
import { revealed } from '../vault/revealed.ts'
import type { ServerFlags } from './argocd-flags.ts'
import { requireTarget, wantedName, withEnvironment } from './argocd-server.ts'

export interface AppDiffFlags extends ServerFlags {
  readonly refresh?: boolean
  readonly hardRefresh?: boolean
  readonly exitCode?: boolean
  readonly diffExitCode?: number
}

/** Shows what a sync would change, as Argo CD has compared it; gives the exit status. */
export async function diffApp(text: string | undefined, given: AppDiffFlags): Promise<number> {
  const flags = withEnvironment(given)
  const { session } = requireTarget(flags)
  const name = wantedName(text, flags)
  const refresh = flags.hardRefresh ? 'hard' : flags.refresh ? 'normal' : undefined
  await getApplication(session, name, { refresh })
  const color = paint(wantsColor(process.env, process.stdout.isTTY === true))
  let differs = false
  for (const resource of await managedResources(session, name)) {
    if (resource.hook) continue
    const { group = '', kind, namespace = '', name: its } = resource
    const header = `${group}/${kind} ${namespace}/${its}`
    const before = stateText(resource.normalizedLiveState)
    const shown = diffText(
      { before, after: stateText(wantedState(resource)), before_header: header, after_header: header },
      color,
    )
    differs ||= shown !== ''
    process.stdout.write(revealed.hide(shown))
  }
  if (!differs) process.stdout.write('Nothing differs.\n')
  return differs && flags.exitCode !== false ? (flags.diffExitCode ?? 1) : 0
}

/** What would be there after a sync; what is only in the cluster would go. */
function wantedState({ predictedLiveState, targetState }: ManagedResource): string | undefined {
  return targetState === undefined || targetState === 'null' ? undefined : (predictedLiveState ?? targetState)
}

/** Argo CD gives Secrets with their values masked. */
function stateText(json: string | undefined): string {
  if (json === undefined || json === '' || json === 'null') return ''
  return yaml(JSON.parse(json))
}
