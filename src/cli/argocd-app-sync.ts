import type { Application, OperationState, ResourceName } from '../argocd/application.ts'
import {
  type ApplicationName,
  applicationName,
  getApplication,
  listApplications,
  rollBackApplication,
  syncApplication,
  terminateOperation,
} from '../argocd/applications.ts'
import { resourceName } from '../argocd/resources.ts'
import type { Session } from '../argocd/session.ts'
import { pairs } from '../argocd/spec.ts'
import type { Wanted } from '../argocd/wait.ts'
import { MlopsError } from '../errors.ts'
import { didYouMean } from '../near.ts'
import type { ServerFlags } from './argocd-flags.ts'
import { requireTarget, wantedName, withEnvironment } from './argocd-server.ts'
import { checkFormat } from './argocd-text.ts'
import { watch } from './argocd-watch.ts'

/** The flags of whatever waits. */
export interface WaitFlags extends ServerFlags {
  readonly selector?: string
  readonly resource?: readonly string[]
  /** Seconds. */
  readonly timeout?: number
  readonly output?: string
}

export interface SyncFlags extends WaitFlags {
  readonly project?: readonly string[]
  readonly revision?: string
  readonly info?: readonly string[]
  readonly strategy?: string
  readonly async?: boolean
  readonly retryLimit?: number
  readonly dryRun?: boolean
  readonly prune?: boolean
  readonly force?: boolean
  readonly replace?: boolean
  readonly serverSide?: boolean
}

const formats = ['wide', 'json', 'yaml']
const untilDone: Wanted = { sync: false, health: false, suspended: false, operation: true, delete: false }

/** Syncs Applications one after the other; gives the exit status: 2 when one fails. */
export async function syncApps(texts: readonly string[], given: SyncFlags): Promise<number> {
  const flags = withEnvironment(given)
  checkFormat(flags.output ?? 'wide', formats)
  const { session } = requireTarget(flags)
  const request = requestOf(flags)
  let exitStatus = 0
  for (const name of await chosen(session, texts, flags)) {
    await syncApplication(session, name, request)
    if (flags.async) continue
    const status = await watch(session, name, {
      wanted: untilDone,
      resources: request.resources ?? [],
      timeout: flags.timeout,
      output: flags.output,
      verdict: application => syncVerdict(application, request.resources === undefined),
    })
    if (status === 99) return status
    exitStatus = Math.max(exitStatus, status)
  }
  return exitStatus
}

/** Waits for Applications; gives the exit status: 2 when one does not become as wanted. */
export async function waitForApps(texts: readonly string[], given: WaitFlags & Partial<Wanted>): Promise<number> {
  const flags = withEnvironment(given)
  checkFormat(flags.output ?? 'wide', formats)
  const { session } = requireTarget(flags)
  const { sync = false, health = false, suspended = false, operation = false, delete: gone = false } = flags
  const said = sync || health || suspended || operation || gone
  const wanted = said
    ? { sync, health, suspended, operation, delete: gone }
    : { sync: true, health: true, suspended: false, operation: true, delete: false }
  const resources = (flags.resource ?? []).map(resourceName)
  let exitStatus = 0
  for (const name of await chosen(session, texts, flags)) {
    const { timeout, output } = flags
    const status = await watch(session, name, { wanted, resources, timeout, output, verdict: () => undefined })
    if (status === 99) return status
    exitStatus = Math.max(exitStatus, status)
  }
  return exitStatus
}

export interface RollbackFlags extends WaitFlags {
  readonly prune?: boolean
  readonly dryRun?: boolean
}

/** Brings an earlier revision back; gives the exit status. */
export async function rollBackApp(text: string, id: string | undefined, given: RollbackFlags): Promise<number> {
  const flags = withEnvironment(given)
  const { session } = requireTarget(flags)
  const name = applicationName(text, flags.appNamespace)
  const wanted = revisionOf(await getApplication(session, name), id)
  const { prune = false, dryRun = false } = flags
  await rollBackApplication(session, name, { id: wanted, prune, dryRun })
  return watch(session, name, {
    wanted: untilDone,
    resources: [],
    timeout: flags.timeout,
    // after a rollback the cluster is not what the repository says: that is what was asked for
    verdict: application => syncVerdict(application, false),
  })
}

/** Ends the operation of an Application. */
export async function terminate(text: string, given: ServerFlags): Promise<void> {
  const flags = withEnvironment(given)
  const { name, appNamespace } = applicationName(text, flags.appNamespace)
  await terminateOperation(requireTarget(flags).session, { name, appNamespace })
  process.stdout.write(`Application '${name}' operation terminating\n`)
}

/** The Applications that are named, or have the labels; without either, that of the project here. Throws `argocd.which`, `argocd.not-found`. */
export async function chosen(
  session: Session,
  texts: readonly string[],
  {
    selector,
    appNamespace,
    project,
  }: ServerFlags & { readonly selector?: string; readonly project?: readonly string[] },
): Promise<readonly ApplicationName[]> {
  if (selector === undefined) {
    return texts.length > 0
      ? texts.map(text => applicationName(text, appNamespace))
      : [wantedName(undefined, { ...(appNamespace && { appNamespace }) })]
  }
  const found = await listApplications(session, { selector, projects: project, appNamespace })
  if (found.length > 0) return found.map(({ metadata }) => ({ name: metadata.name, appNamespace: metadata.namespace }))
  throw new MlopsError('argocd.not-found', `no Application has the labels ${selector}`)
}

function requestOf(flags: SyncFlags) {
  const { revision, dryRun = false, prune = false, force = false, retryLimit, strategy = 'hook' } = flags
  if (strategy !== 'hook' && strategy !== 'apply') {
    throw new MlopsError('argocd.flag', `--strategy ${strategy} is unknown`, {
      hint: didYouMean(strategy, ['hook', 'apply']) ?? 'hook or apply',
    })
  }
  const infos = Object.entries(pairs('info', flags.info ?? [])).map(([name, value]) => ({ name, value }))
  const items = [...(flags.replace ? ['Replace=true'] : []), ...(flags.serverSide ? ['ServerSideApply=true'] : [])]
  return {
    revision,
    dryRun,
    prune,
    strategy: { [strategy]: { force } },
    resources: flags.resource?.map(resourceName) satisfies readonly ResourceName[] | undefined,
    retryStrategy:
      retryLimit === undefined
        ? undefined
        : { limit: retryLimit, backoff: { duration: '5s', factor: 2, maxDuration: '3m0s' } },
    syncOptions: items.length > 0 ? { items } : undefined,
    infos: infos.length > 0 ? infos : undefined,
  }
}

/** Why a sync is no success; undefined: it is one. */
function syncVerdict({ metadata, status }: Application, isWhole: boolean): string | undefined {
  const state = status?.operationState
  if (state?.phase !== 'Succeeded')
    return `the operation of ${metadata.name} ended as ${state?.phase ?? 'unknown'}: ${state?.message ?? 'no reason given'}`
  if (!isWhole || state.operation?.sync?.dryRun || status?.sync?.status === 'Synced') return undefined
  const left = pruningSkipped(state)
  return left === 0
    ? undefined
    : `--prune would remove objects of ${metadata.name} that the repository no longer has: ${left}`
}

function pruningSkipped({ syncResult }: OperationState): number {
  return (syncResult?.resources ?? []).filter(({ status }) => status === 'PruneSkipped').length
}

/** The number in the history; without one, the one before the last. Throws `argocd.history`. */
function revisionOf({ metadata, status }: Application, id: string | undefined): number {
  const history = status?.history ?? []
  const numbers = history.map(each => each.id)
  const wanted = id === undefined ? numbers.at(-2) : Number(id)
  if (wanted !== undefined && numbers.includes(wanted)) return wanted
  const what = id === undefined ? 'no earlier revision' : `no revision ${id}`
  throw new MlopsError('argocd.history', `the history of ${metadata.name} has ${what}`, {
    hint: numbers.length > 0 ? `it has ${numbers.join(', ')}: mlops argocd app history` : 'it was never synced',
  })
}
