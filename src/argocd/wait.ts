import { MlopsError } from '../errors.ts'
import type { Application, ResourceName } from './application.ts'
import { type ApplicationName, getApplication, watchApplication } from './applications.ts'
import { ArgoError } from './refusal.ts'
import { resourceStates } from './resources.ts'
import type { Session } from './session.ts'

/** What is waited for. */
export interface Wanted {
  readonly sync: boolean
  readonly health: boolean
  readonly suspended: boolean
  readonly operation: boolean
  /** That it is gone. */
  readonly delete: boolean
}

export interface WaitOptions {
  readonly wanted: Wanted
  /** Only these objects count; empty: the whole application. */
  readonly resources: readonly ResourceName[]
  /** 0: for ever. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Called with the application as it is, and each time that it changes. */
  readonly onChange: (application: Application) => void
}

/**
 * Waits until an Application is as wanted, and gives it; undefined: it was deleted, or `signal` fired.
 * Throws `argocd.timeout`, `argocd.degraded`.
 */
export async function awaitApplication(
  session: Session,
  name: ApplicationName,
  options: WaitOptions,
): Promise<Application | undefined> {
  const timer = new AbortController()
  const timeout = options.timeoutMs > 0 ? setTimeout(() => timer.abort(), options.timeoutMs) : undefined
  try {
    const signal = AbortSignal.any([options.signal, timer.signal])
    const found = await follow(session, name, { ...options, signal })
    if (timer.signal.aborted && !options.signal.aborted && found !== 'gone' && !isReady(found, options))
      throw timedOut(name, options, found)
    return found === 'gone' ? undefined : found
  } finally {
    clearTimeout(timeout)
  }
}

/**
 * Servers and what lies between end a stream now and then: it is opened again. What happened just before it was open is never
 * told, and a line can die without a word: so it is also asked anew every few seconds.
 */
async function follow(
  session: Session,
  name: ApplicationName,
  options: WaitOptions,
): Promise<Application | 'gone' | undefined> {
  const { signal, onChange } = options
  const health = new Map<string, string>()
  let last: Application | undefined
  while (!signal.aborted) {
    const now = await current(session, name, options)
    if (now === 'gone') return 'gone'
    if (now === undefined) return last
    last = now
    onChange(now)
    if (isReady(now, options)) return now
    if (options.wanted.health) complainOfDegraded(now, health)
    const turn = AbortSignal.any([signal, AbortSignal.timeout(options.wanted.delete ? 2000 : 15_000)])
    for await (const { type, application } of changes(session, name, now.metadata.resourceVersion, turn)) {
      if (type === 'DELETED') return 'gone'
      last = application
      onChange(application)
      if (isReady(application, options)) return application
      if (options.wanted.health) complainOfDegraded(application, health)
    }
    await pause(1000, signal)
  }
  return last
}

async function current(
  session: Session,
  name: ApplicationName,
  { signal, wanted }: WaitOptions,
): Promise<Application | 'gone' | undefined> {
  try {
    return await getApplication(session, name, { signal })
  } catch (error) {
    if (signal.aborted) return undefined
    // who may not know whether it is there is told that it is forbidden
    if (wanted.delete && error instanceof ArgoError && (error.status === 404 || error.status === 403)) return 'gone'
    throw error
  }
}

/** A stream that breaks is one that ends. */
async function* changes(
  session: Session,
  name: ApplicationName,
  resourceVersion: string | undefined,
  signal: AbortSignal,
) {
  try {
    yield* watchApplication(session, name, { resourceVersion, signal })
  } catch (error) {
    // proxies give up on streams in which nothing happens
    if (error instanceof MlopsError && error.code !== 'argocd.unavailable') throw error
  }
}

function isReady(application: Application | undefined, { wanted, resources }: WaitOptions): boolean {
  if (application === undefined || wanted.delete) return false
  if (wanted.operation && isBusy(application)) return false
  if (!wanted.sync && !wanted.health && !wanted.suspended) return true
  const { status } = application
  if (resources.length === 0) return fits(wanted, status?.sync?.status ?? '', status?.health?.status ?? '')
  return resourceStates(application, resources).every(state => fits(wanted, state.status, state.health || 'Healthy'))
}

function fits(wanted: Wanted, sync: string, health: string): boolean {
  if (wanted.sync && sync !== 'Synced') return false
  if (!wanted.health && !wanted.suspended) return true
  return (wanted.health && health === 'Healthy') || (wanted.suspended && health === 'Suspended')
}

/** An operation that was asked for, that runs, or whose outcome was not compared with the cluster yet. */
export function isBusy({ operation, status }: Application): boolean {
  if (operation !== undefined) return true
  const state = status?.operationState
  if (state === undefined) return false
  if (state.finishedAt === undefined) return true
  if (state.operation?.sync?.dryRun) return false
  return status?.reconciledAt === undefined || Date.parse(status.reconciledAt) < Date.parse(state.finishedAt)
}

/** What ran and does no more will not come up by itself. */
function complainOfDegraded(application: Application, before: Map<string, string>): void {
  const { name } = application.metadata
  const now = application.status?.health?.status ?? ''
  const was = before.get(name)
  before.set(name, now)
  if (now !== 'Degraded' || was === undefined || was === 'Degraded' || was === 'Unknown' || was === '') return
  const why = application.status?.health?.message
  throw new MlopsError('argocd.degraded', `${name} has become Degraded, from ${was}${why ? `: ${why}` : ''}`, {
    hint: `mlops argocd app get ${name}, mlops argocd app logs ${name}`,
  })
}

function timedOut({ name }: ApplicationName, { timeoutMs }: WaitOptions, found: Application | undefined): MlopsError {
  const { sync, health, operationState } = found?.status ?? {}
  const how = [sync?.status, health?.status, operationState?.phase && `operation ${operationState.phase}`]
  return new MlopsError(
    'argocd.timeout',
    `${name} is not as wanted after ${timeoutMs / 1000} s: ${how.filter(Boolean).join(', ') || 'nothing is known of it'}`,
    { hint: `it goes on in Argo CD; mlops argocd app get ${name} shows how far it is` },
  )
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(done => {
    const timer = setTimeout(end, ms)
    function end() {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      done()
    }
    signal.addEventListener('abort', end)
  })
}
