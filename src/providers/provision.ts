import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { MlopsError, throwAll } from '../errors.ts'
import { didYouMean } from '../near.ts'
import type { Project, ProviderName } from '../project/project.ts'
import { forgetReplicas, statePath, writeState, writeStateText } from '../project/state.ts'
import { withBaked } from './baked.ts'
import { inOrder } from './concurrency.ts'
import { inventoryText } from './inventory-file.ts'
import { knownHosts } from './known-hosts.ts'
import { makeProvider } from './make-provider.ts'
import type { Progress, Provider, Removal, RemovalScope, Server, ServerImages, ServerPlan, Work } from './provider.ts'
import { checkUserData } from './user-data.ts'

/** What a run of `provision` did. */
export interface ProvisionResult {
  readonly plans: readonly ServerPlan[]
  /** All servers that the project now has. */
  readonly servers: readonly Server[]
  readonly inventoryFile: string
}

/**
 * Makes the servers that are missing, and writes down how to reach all of them (`.mlops/inventory.yml`, `known_hosts`,
 * `servers.json`). New servers begin with their baked images where there are current ones. Throws all obstacles at once.
 */
export async function provision(
  project: Project,
  names: readonly string[],
  work: Work,
  { baked = project }: { readonly baked?: Project | false } = {}, // whose baked images are used
): Promise<ProvisionResult> {
  const wanted = namedServers(project, names)
  const providers = providersOf(project)
  checkUserData(project, wanted, work.onWarning)
  if (work.expiresAt !== undefined) checkExpiry(project, providers, wanted)
  await check(providers, wanted, work)
  const plans: ServerPlan[] = []
  for (const provider of providers.values()) {
    const found = await provider.plan(wanted)
    const planned = baked === false ? found : await withBaked(baked, serverImages(baked), found, work)
    for (const { server, differs } of planned) {
      if (differs) work.onWarning(`${server} stays as it is: ${differs}; destroy it first to make it anew`)
    }
    try {
      await provider.create(planned, work)
    } catch (error) {
      // What was made before a failure can be reached, and is not forgotten; of two failures the first is the one to tell.
      await record(project, providers).catch(() => {})
      throw error
    }
    plans.push(...planned)
  }
  const servers = await record(project, providers)
  return { plans, servers, inventoryFile: statePath(project, INVENTORY) }
}

/** Who keeps images of each server. Those are left out whose provider has none. */
export function serverImages(project: Project): ReadonlyMap<string, ServerImages> {
  const providers = providersOf(project)
  return new Map(
    project.servers.flatMap(({ name, provider }) => {
      const images = providers.get(provider)?.images
      return images === undefined ? [] : [[name, images] as const]
    }),
  )
}

/** The names of servers whose time is over, of all or of those that are named. */
export async function expired(project: Project, names: readonly string[]): Promise<string[]> {
  const wanted = namedServers(project, names)
  const servers = await listAll(project, providersOf(project).values())
  return servers
    .filter(
      ({ name, expiresAt }) => wanted.includes(name) && expiresAt !== undefined && Date.parse(expiresAt) < Date.now(),
    )
    .map(({ name }) => name)
}

/** What `destroy` would remove, by provider. */
export async function findRemovals(
  project: Project,
  scope: RemovalScope,
): Promise<ReadonlyMap<Provider, readonly Removal[]>> {
  if (scope.names) namedServers(project, scope.names)
  const found = new Map<Provider, readonly Removal[]>()
  for (const provider of providersOf(project).values()) found.set(provider, await provider.removals(scope))
  return found
}

/** Removes what `findRemovals` found, and forgets the servers that are gone. */
export async function destroy(
  project: Project,
  removals: ReadonlyMap<Provider, readonly Removal[]>,
  progress: Progress,
): Promise<void> {
  for (const [provider, things] of removals) await provider.destroy(things, progress)
  const left = await listAll(project, removals.keys())
  recordServers(project, left)
  if (left.length === 0) forgetReplicas(project)
}

const INVENTORY = 'inventory.yml'
const KNOWN_HOSTS = 'known_hosts'
const SERVERS = 'servers.json'
const READY = 'ready.json'

/** All servers of the project, or those that are named. Throws `provision.no-server` for names that it has not. */
export function namedServers(project: Project, names: readonly string[]): string[] {
  const all = project.servers.map(spec => spec.name)
  throwAll(
    names
      .filter(name => !all.includes(name))
      .map(
        name =>
          new MlopsError('provision.no-server', `mlops.yml has no server ${name}`, {
            hint: didYouMean(name, all) ?? `it has ${all.join(', ')}`,
          }),
      ),
  )
  return names.length === 0 ? all : all.filter(name => names.includes(name))
}

function providersOf(project: Project): Map<ProviderName, Provider> {
  const providers = new Map<ProviderName, Provider>()
  for (const { provider } of project.servers) {
    if (!providers.has(provider)) providers.set(provider, makeProvider(provider, project))
  }
  return providers
}

/** Throws `provision.no-ttl` for servers that nobody would remove. */
function checkExpiry(
  project: Project,
  providers: ReadonlyMap<ProviderName, Provider>,
  wanted: readonly string[],
): void {
  const staying = project.servers.filter(
    ({ name, provider }) => wanted.includes(name) && providers.get(provider)?.canExpire !== true,
  )
  throwAll(
    staying.map(
      ({ name, provider, at }) =>
        new MlopsError('provision.no-ttl', `provider ${provider} does not know when ${name} may go`, {
          at,
          hint: 'leave --ttl out, or name only servers of a cloud',
        }),
    ),
  )
}

async function check(
  providers: ReadonlyMap<ProviderName, Provider>,
  wanted: readonly string[],
  { onWarning, signal }: Progress,
): Promise<void> {
  const found = await Promise.all([...providers.values()].map(provider => provider.preflight(wanted, signal)))
  const problems = found.flat()
  for (const { severity, message, hint } of problems) if (severity === 'warning') onWarning(`${message} (${hint})`)
  const errors = problems.filter(problem => problem.severity === 'error')
  throwAll(errors.map(({ code, message, hint, at }) => new MlopsError(code, message, { hint, at })))
}

async function record(project: Project, providers: ReadonlyMap<ProviderName, Provider>): Promise<Server[]> {
  const servers = await listAll(project, providers.values())
  recordServers(project, servers)
  return servers
}

async function listAll(project: Project, providers: Iterable<Provider>): Promise<Server[]> {
  const lists = await Promise.all([...providers].map(provider => provider.list()))
  return inOrder(
    lists.flat(),
    project.servers.map(spec => spec.name),
  )
}

/** Writes only what differs, so that a run which changes nothing changes no file. */
function recordServers(project: Project, servers: readonly Server[]): void {
  const entries = servers.flatMap(server => {
    const spec = project.servers.find(one => one.name === server.name)
    return spec === undefined ? [] : [{ server, spec }]
  })
  if (entries.length === 0) {
    for (const name of [INVENTORY, KNOWN_HOSTS, SERVERS, READY])
      rmSync(join(project.directory, '.mlops', name), { force: true })
    return
  }
  const before = readIfThere(statePath(project, SERVERS))
  if (before !== `${JSON.stringify(servers, undefined, 2)}\n`) writeState(project, SERVERS, servers)
  replace(project, KNOWN_HOSTS, knownHosts(servers))
  replace(project, INVENTORY, inventoryText(entries, statePath(project, KNOWN_HOSTS)))
}

function replace(project: Project, name: string, text: string): void {
  if (readIfThere(statePath(project, name)) !== text) writeStateText(project, name, text)
}

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
