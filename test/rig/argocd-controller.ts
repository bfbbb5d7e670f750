import type { Asked } from './argocd-server.ts'

// biome-ignore lint/suspicious/noExplicitAny: Argo CD's JSON, of any kind
export type Data = Record<string, any>

/** An object that a folder of a repository describes. `text` is what it says; `breaks`: no cluster takes it. */
export interface Described {
  readonly group: string
  readonly kind: string
  readonly name: string
  readonly text: string
  readonly breaks?: string
}

/** What Argo CD does with Applications: it keeps them, compares them with a repository, and syncs them phase by phase. */
export class ArgoController {
  /** Repository → revision → what it describes; the last revision is the newest. */
  readonly repositories = new Map<string, Map<string, readonly Described[]>>()
  readonly #applications = new Map<string, Data>()
  readonly #projects = new Map<string, Data>([['default', projectOf('default', { sourceRepos: ['*'] })]])
  readonly #live = new Map<string, Map<string, Described>>()
  readonly #watchers = new Set<{ name: string; send: (type: string, application: Data) => void }>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #version = 100
  #clock = Date.parse('2026-01-01T00:00:00Z')

  find(name: string): Data {
    const found = this.#applications.get(name)
    // Argo CD does not say that there is none, unless it is asked about one project
    if (found === undefined) throw refusal(403, 7, 'permission denied')
    return found
  }

  /** What runs becomes well or ill by itself. */
  becomes(name: string, health: string, message: string): void {
    const application = this.find(name)
    this.#put({ ...application, status: { ...application['status'], health: { status: health, message } } })
  }

  /** One request about Applications; gives the answer. */
  application({ method, query, body }: Asked, name: string | undefined, part: string | undefined): Data {
    if (name === undefined) return method === 'POST' ? this.#create(body, query) : { items: this.#list(query) }
    const application = this.find(name)
    const asked = part === undefined ? method : `${method} ${part}`
    switch (asked) {
      case 'GET':
        return query['refresh'] ? this.#compared(name) : application
      case 'PUT spec':
        this.#check({ metadata: { name }, spec: body }, query)
        this.#put({ ...application, spec: body })
        return this.#compared(name)['spec']
      case 'DELETE':
        return this.#remove(application, query['cascade'] !== 'false')
      case 'POST sync':
        return this.#operate(application, { sync: operationOf(body) })
      case 'POST rollback':
        return this.#rollBack(application, body)
      case 'DELETE operation':
        return this.#terminate(application)
      case 'GET managed-resources':
        return { items: this.#managed(application) }
      default:
        throw refusal(501, 12, `no ${asked} here`)
    }
  }

  /** One request about projects. */
  project(method: string, name: string | undefined, body: Data): Data {
    if (name === undefined && method === 'GET') return { items: [...this.#projects.values()] }
    if (method === 'POST') {
      const { project, upsert } = body
      const before = this.#projects.get(project.metadata.name)
      if (before && !upsert && !same(before['spec'], project.spec))
        throw refusal(400, 3, 'existing project spec is different; use upsert flag to force update')
      const made = projectOf(project.metadata.name, project.spec)
      this.#projects.set(project.metadata.name, made)
      return made
    }
    const found = this.#projects.get(name ?? '')
    if (found === undefined) throw refusal(404, 5, `appprojects.argoproj.io "${name}" not found`)
    if (method === 'GET') return found
    const users = [...this.#applications.values()].filter(({ spec }) => spec.project === name)
    if (users.length > 0) throw refusal(400, 3, `project is referenced by ${users.length} applications`)
    this.#projects.delete(name ?? '')
    return {}
  }

  /** Tells of each change; gives the way to end it. Whoever watches wakes what waits to be done. */
  watch(name: string, since: number, send: (type: string, application: Data) => void): () => void {
    const watcher = { name, send }
    this.#watchers.add(watcher)
    const now = this.#applications.get(name)
    if (now && Number(now['metadata'].resourceVersion) > since) send('MODIFIED', now)
    if (now?.['operation']) this.#later(() => this.#begin(name))
    return () => this.#watchers.delete(watcher)
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #create(application: Data, query: Asked['query']): Data {
    const { name } = application['metadata']
    this.#check(application, query)
    const before = this.#applications.get(name)
    if (before && same(before['spec'], application['spec'])) return before
    if (before && query['upsert'] !== 'true') {
      const keys = Object.keys(application['spec']).filter(key => !same(before['spec'][key], application['spec'][key]))
      throw refusal(
        400,
        3,
        `existing application spec is different; use upsert flag to force update; difference in keys "${keys}"`,
      )
    }
    const { kind: _, apiVersion: _version, ...made } = application
    this.#put({ ...before, ...made, metadata: { namespace: 'argocd', ...application['metadata'] } })
    return structuredClone(this.#compared(name))
  }

  #check({ metadata, spec }: Data, query: Asked['query']): void {
    if (!this.#projects.has(spec.project))
      throw refusal(400, 3, `application references project ${spec.project} which does not exist`)
    if (query['validate'] === 'false' || this.repositories.has(spec.source.repoURL)) return
    throw refusal(
      400,
      3,
      `application spec for ${metadata.name} is invalid: InvalidSpecError: repository not accessible: ${spec.source.repoURL}`,
    )
  }

  #list(query: Asked['query']): Data[] {
    const [key, value] = (query['selector'] ?? '').split('=')
    return [...this.#applications.values()].filter(
      ({ metadata, spec }) =>
        (!key || metadata.labels?.[key] === value) && (!query['projects'] || spec.project === query['projects']),
    )
  }

  #remove(application: Data, cascade: boolean): Data {
    const { name } = application['metadata']
    if (!cascade) {
      this.#gone(name)
      return {}
    }
    const finalizers = ['resources-finalizer.argocd.argoproj.io']
    this.#put({ ...application, metadata: { ...application['metadata'], finalizers, deletionTimestamp: this.#now() } })
    this.#later(() => this.#later(() => this.#gone(name)))
    return {}
  }

  #gone(name: string): void {
    const last = this.#applications.get(name)
    this.#applications.delete(name)
    this.#live.delete(name)
    if (last) this.#tell('DELETED', last)
  }

  #operate(application: Data, operation: Data): Data {
    if (application['operation'] || application['status']?.operationState?.phase === 'Running')
      throw refusal(400, 9, 'another operation is already in progress')
    this.#put({ ...application, operation })
    const { name } = application['metadata']
    // it begins when somebody watches, which makes tests the same on slow machines, or after a while: --async
    this.#later(() => this.#begin(name), 3000)
    return this.find(name)
  }

  #rollBack(application: Data, { id, dryRun, prune }: Data): Data {
    if (application['spec'].syncPolicy?.automated)
      throw refusal(400, 9, 'rollback cannot be initiated when auto-sync is enabled')
    const wanted = application['status']?.history?.find((each: Data) => each['id'] === id)
    if (!wanted)
      throw refusal(400, 3, `application ${application['metadata'].name} does not have deployment with id ${id}`)
    return this.#operate(application, { sync: { revision: wanted.revision, dryRun, prune } })
  }

  #terminate(application: Data): Data {
    const state = application['status']?.operationState
    if (state?.phase !== 'Running' && !application['operation'])
      throw refusal(400, 3, 'Unable to terminate operation. No operation is in progress')
    const { operation: _, ...rest } = application
    this.#put({
      ...rest,
      status: {
        ...rest['status'],
        operationState: {
          ...state,
          phase: 'Failed',
          message: 'Operation terminated',
          startedAt: this.#now(),
          finishedAt: this.#now(),
        },
      },
    })
    return {}
  }

  #begin(name: string): void {
    const application = this.#applications.get(name)
    if (!application?.['operation']) return
    const { operation, ...rest } = application
    const described = this.#describedBy(rest, operation.sync.revision)
    const results = described.map(each => ({ ...named(each), status: '', message: 'waiting', hookPhase: 'Running' }))
    const operationState = {
      phase: 'Running',
      message: 'one or more tasks are running',
      startedAt: this.#now(),
      operation,
      syncResult: { revision: this.#revisionOf(rest, operation.sync.revision), resources: results },
    }
    this.#put({ ...rest, status: { ...rest['status'], operationState } })
    this.#later(() => this.#finish(name, described, operation.sync))
  }

  #finish(name: string, described: readonly Described[], { dryRun, prune, revision, resources }: Data): void {
    const application = this.#applications.get(name)
    const state = application?.['status']?.operationState
    if (application === undefined || state?.phase !== 'Running') return
    const live = new Map(this.#live.get(name))
    const chosen = described.filter(
      ({ kind, name: its }) =>
        !resources || resources.some((each: Data) => each['kind'] === kind && each['name'] === its),
    )
    const results: Data[] = chosen.map(each => ({
      ...named(each),
      ...(each.breaks
        ? { status: 'SyncFailed', message: each.breaks }
        : { status: 'Synced', message: `${each.kind.toLowerCase()}/${each.name} configured` }),
    }))
    const fails = chosen.some(({ breaks }) => breaks)
    for (const each of chosen) if (!each.breaks) live.set(keyOf(each), each)
    for (const [key, each] of live) {
      if (resources || described.some(other => keyOf(other) === key)) continue
      results.push({
        ...named(each),
        ...(prune
          ? { status: 'Pruned', message: 'pruned' }
          : { status: 'PruneSkipped', message: 'ignored (requires pruning)' }),
      })
      if (prune) live.delete(key)
    }
    if (!dryRun) this.#live.set(name, live)
    const operationState = {
      ...state,
      phase: fails ? 'Failed' : 'Succeeded',
      message: fails ? 'one or more objects failed to apply' : 'successfully synced (all tasks run)',
      finishedAt: this.#now(),
      syncResult: { ...state.syncResult, resources: results },
    }
    const history = [...(application['status'].history ?? [])]
    if (!fails && !dryRun) {
      const source = application['spec'].source
      history.push({
        id: history.length,
        revision: this.#revisionOf(application, revision),
        deployedAt: this.#now(),
        source,
      })
    }
    this.#put({ ...application, status: { ...application['status'], operationState, history } })
    this.#later(() => this.#compared(name))
  }

  /** Compares what is live with what the repository says now, as a refresh does. */
  #compared(name: string): Data {
    const application = this.#applications.get(name)
    if (application === undefined) return {}
    const described = this.#describedBy(application, undefined)
    const live = this.#live.get(name) ?? new Map<string, Described>()
    const keys = new Map([...described, ...live.values()].map(each => [keyOf(each), each]))
    const resources = [...keys].map(([key, each]) => {
      const isSynced = live.get(key)?.text === described.find(other => keyOf(other) === key)?.text
      const health = { status: live.has(key) ? 'Healthy' : 'Missing' }
      return { ...named(each), status: isSynced ? 'Synced' : 'OutOfSync', health }
    })
    const status = {
      ...application['status'],
      reconciledAt: this.#now(),
      resources,
      sync: {
        status: resources.every(each => each.status === 'Synced') ? 'Synced' : 'OutOfSync',
        revision: this.#revisionOf(application, undefined),
      },
      health: { status: resources.some(each => each.health.status === 'Missing') ? 'Missing' : 'Healthy' },
    }
    this.#put({ ...application, status })
    return this.find(name)
  }

  #managed(application: Data): Data[] {
    const { name } = application['metadata']
    const described = this.#describedBy(application, undefined)
    const live = this.#live.get(name) ?? new Map<string, Described>()
    const keys = new Map([...described, ...live.values()].map(each => [keyOf(each), each]))
    return [...keys].map(([key, each]) => {
      const state = (it: Described | undefined) =>
        it ? JSON.stringify({ kind: it.kind, spec: { text: it.text } }) : 'null'
      const target = state(described.find(other => keyOf(other) === key))
      return {
        ...named(each),
        normalizedLiveState: state(live.get(key)),
        predictedLiveState: target,
        targetState: target,
      }
    })
  }

  #describedBy(application: Data, revision: string | undefined): readonly Described[] {
    const revisions =
      this.repositories.get(application['spec'].source?.repoURL) ?? new Map<string, readonly Described[]>()
    return revisions.get(this.#revisionOf(application, revision)) ?? []
  }

  #revisionOf(application: Data, revision: string | undefined): string {
    const revisions = [...(this.repositories.get(application['spec'].source?.repoURL)?.keys() ?? [])]
    return revision ?? revisions.at(-1) ?? ''
  }

  #put(application: Data): void {
    const metadata = { ...application['metadata'], resourceVersion: String(++this.#version) }
    const kept = { ...application, metadata }
    const isNew = !this.#applications.has(metadata.name)
    this.#applications.set(metadata.name, kept)
    this.#tell(isNew ? 'ADDED' : 'MODIFIED', kept)
  }

  #tell(type: string, application: Data): void {
    for (const { name, send } of this.#watchers) if (name === application['metadata'].name) send(type, application)
  }

  /** Controllers act a moment after they were asked. */
  #later(act: () => void, ms = 5): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, ms)
    this.#timers.add(timer)
  }

  #now(): string {
    this.#clock += 1000
    return new Date(this.#clock).toISOString().replace('.000', '')
  }
}

/** An error as grpc-gateway gives it: status of HTTP, code of gRPC. */
export function refusal(status: number, code: number, message: string): Error {
  return Object.assign(new Error(message), { status, code })
}

function operationOf({ name: _, ...request }: Data): Data {
  return request
}

function projectOf(name: string, spec: Data): Data {
  return { metadata: { name, namespace: 'argocd', uid: `uid-${name}` }, spec }
}

function named({ group, kind, name }: Described): Data {
  return { group, version: 'v1', kind, namespace: 'lab', name }
}

function keyOf({ group, kind, name }: Described): string {
  return `${group}/${kind}/${name}`
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
