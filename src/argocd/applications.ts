import type { Manifest } from '../kubernetes/manifest.ts'
import type { Application, ResourceName } from './application.ts'
import type { QueryValue } from './http.ts'
import type { Session } from './session.ts'

/** Which Application: its name, and the namespace that it lies in where that is not Argo CD's own. */
export interface ApplicationName {
  readonly name: string
  readonly appNamespace?: string | undefined
}

/** `NAME` or `NAMESPACE/NAME`. */
export function applicationName(text: string, appNamespace?: string): ApplicationName {
  const [first = '', second] = text.split('/')
  return second === undefined ? { name: first, appNamespace } : { name: second, appNamespace: first }
}

export async function listApplications(
  session: Session,
  query: Readonly<Record<string, QueryValue>>,
): Promise<readonly Application[]> {
  const { items } = await session.ask<{ items?: readonly Application[] | null }>('listing applications', {
    method: 'GET',
    path: root,
    query,
  })
  return items ?? []
}

/** `refresh`: Argo CD compares first; `hard`: it also makes the manifests anew. */
export function getApplication(
  session: Session,
  { name, appNamespace }: ApplicationName,
  { refresh, signal }: { readonly refresh?: 'normal' | 'hard' | undefined; readonly signal?: AbortSignal } = {},
): Promise<Application> {
  const query = { refresh, appNamespace }
  return session.ask(`application ${name}`, { method: 'GET', path: pathOf(name), query, signal })
}

export function createApplication(
  session: Session,
  application: Manifest,
  query: { readonly upsert: boolean; readonly validate: boolean },
): Promise<Application> {
  return session.ask(`application ${application.metadata.name}`, {
    method: 'POST',
    path: root,
    query,
    body: application,
  })
}

export function updateSpec(
  session: Session,
  { name, appNamespace }: ApplicationName,
  spec: unknown,
  { validate }: { readonly validate: boolean },
): Promise<unknown> {
  const query = { validate, appNamespace }
  return session.ask(`application ${name}`, { method: 'PUT', path: `${pathOf(name)}/spec`, query, body: spec })
}

export async function deleteApplication(
  session: Session,
  { name, appNamespace }: ApplicationName,
  options: { readonly cascade: boolean; readonly propagationPolicy?: string | undefined },
): Promise<void> {
  const query = { ...options, appNamespace }
  await session.ask(`deleting application ${name}`, { method: 'DELETE', path: pathOf(name), query })
}

/** What a sync is asked to do: the fields of Argo CD's own request. */
export interface SyncRequest {
  readonly revision?: string | undefined
  readonly dryRun: boolean
  readonly prune: boolean
  readonly strategy?: unknown
  readonly resources?: readonly ResourceName[] | undefined
  readonly retryStrategy?: unknown
  readonly syncOptions?: { readonly items: readonly string[] } | undefined
  readonly infos?: readonly { readonly name: string; readonly value: string }[] | undefined
}

/** Asks for a sync; it goes on by itself. */
export function syncApplication(
  session: Session,
  { name, appNamespace }: ApplicationName,
  request: SyncRequest,
): Promise<Application> {
  const body = { name, appNamespace, ...request }
  return session.ask(`syncing application ${name}`, { method: 'POST', path: `${pathOf(name)}/sync`, body })
}

/** Asks for an earlier revision, by its number in the history; it goes on by itself. */
export function rollBackApplication(
  session: Session,
  { name, appNamespace }: ApplicationName,
  request: { readonly id: number; readonly prune: boolean; readonly dryRun: boolean },
): Promise<Application> {
  const body = { name, appNamespace, ...request }
  return session.ask(`rolling application ${name} back`, { method: 'POST', path: `${pathOf(name)}/rollback`, body })
}

/** Ends the operation that runs. */
export async function terminateOperation(session: Session, { name, appNamespace }: ApplicationName): Promise<void> {
  const query = { appNamespace }
  await session.ask(`the operation of ${name}`, { method: 'DELETE', path: `${pathOf(name)}/operation`, query })
}

/** Each change of an Application. */
export function watchApplication(
  session: Session,
  { name, appNamespace }: ApplicationName,
  { resourceVersion, signal }: { readonly resourceVersion: string | undefined; readonly signal: AbortSignal },
): AsyncIterable<{ readonly type: string; readonly application: Application }> {
  const query = { name, appNamespace, resourceVersion }
  return session.follow(`watching application ${name}`, {
    method: 'GET',
    path: '/api/v1/stream/applications',
    query,
    signal,
  })
}

/** One line that a container printed. `last`: there are no more. */
export interface LogEntry {
  readonly content?: string
  readonly podName?: string
  readonly timeStampStr?: string
  readonly last?: boolean
}

export function followLogs(
  session: Session,
  { name, appNamespace }: ApplicationName,
  query: Readonly<Record<string, QueryValue>>,
  signal: AbortSignal,
): AsyncIterable<LogEntry> {
  return session.follow(`logs of application ${name}`, {
    method: 'GET',
    path: `${pathOf(name)}/logs`,
    query: { ...query, appNamespace },
    signal,
  })
}

/** One object as it is and as it should be; each a text of JSON, `null` where there is none. */
export interface ManagedResource extends ResourceName {
  readonly normalizedLiveState?: string
  readonly predictedLiveState?: string
  readonly targetState?: string
  readonly hook?: boolean
}

export async function managedResources(
  session: Session,
  { name, appNamespace }: ApplicationName,
): Promise<readonly ManagedResource[]> {
  const { items } = await session.ask<{ items?: readonly ManagedResource[] | null }>(`application ${name}`, {
    method: 'GET',
    path: `${pathOf(name)}/managed-resources`,
    query: { appNamespace },
  })
  return items ?? []
}

const root = '/api/v1/applications'

function pathOf(name: string): string {
  return `${root}/${encodeURIComponent(name)}`
}
