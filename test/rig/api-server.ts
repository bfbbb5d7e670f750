import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A request as it came. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly contentType: string | undefined
  readonly body: Data
}

// biome-ignore lint/suspicious/noExplicitAny: objects of Kubernetes as JSON, of any kind
type Data = Readonly<Record<string, any>>

/** What API groups hold: path of the group's version → kinds. */
type Groups = Readonly<Record<string, readonly string[]>>

const builtIn: Groups = {
  '/api/v1': ['Namespace', 'Secret', 'ConfigMap', 'Service', 'Pod', 'Event'],
  '/apis/apps/v1': ['Deployment', 'StatefulSet', 'ReplicaSet'],
  '/apis/policy/v1': ['PodDisruptionBudget'],
  '/apis/autoscaling/v2': ['HorizontalPodAutoscaler'],
  '/apis/networking.k8s.io/v1': ['NetworkPolicy'],
  '/apis/argoproj.io/v1alpha1': ['Application', 'AppProject'],
}

/** The part of a Kubernetes API that a client of ours speaks with: discovery, objects, server-side apply, watches, logs. */
export interface ApiServer {
  readonly kubeconfig: string
  readonly asked: readonly Asked[]
  /** Objects by `Kind name`. */
  readonly objects: Map<string, Data>
  /** Answers of this function go before the server's own: status, body and headers. */
  intercept: (asked: Asked) => { status: number; body: Data; headers?: Record<string, string> } | undefined
  /** Images that never start. */
  readonly brokenImages: Set<string>
  /** The next so many watches end with 410 Gone. */
  expiredWatches: number
  put(object: Data): void
}

/** Starts such a server for the test, with groups of custom resources where these are wanted. */
export async function apiServer(custom: Groups = {}): Promise<ApiServer> {
  const groups = { ...builtIn, ...custom }
  const asked: Asked[] = []
  const objects = new Map<string, Data>()
  const watchers = new Set<{ kind: string; labels: string; send: (type: string, object: Data) => void }>()
  let version = 100

  const server: ApiServer = {
    kubeconfig: '',
    asked,
    objects,
    intercept: () => undefined,
    brokenImages: new Set(),
    expiredWatches: 0,
    put(object) {
      const key = `${object['kind']} ${object['metadata'].name}`
      const before = objects.get(key)
      const isSame = before && JSON.stringify({ ...before, metadata: 0 }) === JSON.stringify({ ...object, metadata: 0 })
      const generation = (before?.['metadata'].generation ?? 0) + (isSame ? 0 : 1)
      const metadata = { ...object['metadata'], namespace: 'lab', generation, resourceVersion: String(++version) }
      const kept = { ...object, metadata }
      objects.set(key, kept)
      for (const { kind, labels, send } of watchers)
        if (kind === object['kind'] && matches(kept, labels)) send(before ? 'MODIFIED' : 'ADDED', kept)
    },
  }

  const http = createServer((request, response) => {
    void read(request).then(one => {
      asked.push(one)
      const forced = server.intercept(one)
      if (forced) return reply(response, forced.status, forced.body, forced.headers)
      answer(one, response)
    })
  })

  function answer(one: Asked, response: ServerResponse): unknown {
    if (one.path === '/api') return reply(response, 200, { kind: 'APIVersions', versions: ['v1'] })
    if (one.path === '/apis') return reply(response, 200, groupList(Object.keys(groups)))
    const group = Object.keys(groups).find(path => one.path === path)
    if (group !== undefined) {
      const resources = (groups[group] ?? []).map(kind => ({
        kind,
        name: plural(kind),
        namespaced: kind !== 'Namespace',
        singularName: kind.toLowerCase(),
        verbs: ['create', 'delete', 'get', 'list', 'patch', 'watch'],
      }))
      const groupVersion = group.replace(/^\/apis?\//, '')
      return reply(response, 200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources })
    }
    const [, api, , rest] = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(\/namespaces\/lab)?\/(.+)$/.exec(one.path) ?? []
    const [resource = '', name, sub] = (rest ?? '').split('/')
    const kind = (groups[api ?? ''] ?? []).find(each => plural(each) === resource)
    if (api === undefined || kind === undefined) return refuse(response, 404, 'NotFound', `no ${one.path} here`)
    if (sub === 'log') return response.end('line one\nthe model cannot be read\n')
    const apiVersion = api.replace(/^\/apis?\//, '')
    if (name === undefined && one.method === 'POST') return create(one, response)
    if (name === undefined)
      return one.query['watch'] === 'true' ? watch(one, kind, response) : list(one, kind, apiVersion, response)
    const key = `${kind} ${name}`
    const found = objects.get(key)
    if (one.method === 'GET')
      return found ? reply(response, 200, found) : refuse(response, 404, 'NotFound', `${key} not found`)
    if (one.method === 'PATCH') return patch(one, response, found)
    if (one.method === 'DELETE' && found) {
      objects.delete(key)
      return reply(response, 200, { kind: 'Status', apiVersion: 'v1', status: 'Success' })
    }
    refuse(response, 404, 'NotFound', `${key} not found`)
  }

  function create({ body }: Asked, response: ServerResponse): unknown {
    const key = `${body['kind']} ${body['metadata'].name}`
    if (objects.has(key)) return refuse(response, 409, 'AlreadyExists', `${key} already exists`)
    server.put(body)
    reply(response, 201, objects.get(key) ?? {})
  }

  function patch({ query, contentType, body }: Asked, response: ServerResponse, found: Data | undefined): unknown {
    if (contentType === 'application/merge-patch+json' && found) {
      server.put(settled(merged(found, body)))
      return reply(response, 200, objects.get(`${found['kind']} ${found['metadata'].name}`) ?? {})
    }
    if (contentType !== 'application/apply-patch+yaml')
      return refuse(response, 415, 'UnsupportedMediaType', `not ${contentType}`)
    if (!query['fieldManager']) return refuse(response, 422, 'Invalid', 'fieldManager is required for apply patch')
    const applied = { ...body, ...(found?.['status'] ? { status: found['status'] } : {}) }
    if (query['dryRun'] === 'All') return reply(response, found ? 200 : 201, applied)
    server.put(applied)
    const now = objects.get(`${body['kind']} ${body['metadata'].name}`) ?? {}
    reply(response, found ? 200 : 201, now)
    // what a controller does, a moment later
    setImmediate(() => run(now))
  }

  function run(object: Data): unknown {
    if (object['kind'] !== 'Deployment' && object['kind'] !== 'StatefulSet') return
    const { containers } = object['spec'].template.spec
    if (!server.brokenImages.has(containers[0].image)) return server.put(settled(object))
    server.put({ ...object, status: { ...object['status'], observedGeneration: 1000, updatedReplicas: 0 } })
    const name = `${object['metadata'].name}-abcde`
    server.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: object['spec'].template.metadata.labels, creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { nodeName: 'node-1', containers },
      status: {
        phase: 'Pending',
        containerStatuses: [
          {
            name: containers[0].name,
            ready: false,
            restartCount: 3,
            state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
            lastState: { terminated: { exitCode: 1 } },
          },
        ],
      },
    })
    server.put({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'event-1' },
      type: 'Warning',
      reason: 'BackOff',
      message: 'Back-off restarting failed container',
      involvedObject: { name },
    })
  }

  function list({ query }: Asked, kind: string, apiVersion: string, response: ServerResponse): void {
    const items = [...objects.values()]
      .filter(object => object['kind'] === kind && matches(object, query['labelSelector'] ?? ''))
      .filter(
        object =>
          !query['fieldSelector'] || query['fieldSelector'] === `involvedObject.name=${object['involvedObject']?.name}`,
      )
      .map(({ kind: _, apiVersion: _version, ...item }) => item)
    reply(response, 200, { kind: `${kind}List`, apiVersion, metadata: { resourceVersion: String(version) }, items })
  }

  function watch({ query }: Asked, kind: string, response: ServerResponse): unknown {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const send = (type: string, object: Data) => response.write(`${JSON.stringify({ type, object })}\n`)
    if (server.expiredWatches > 0) {
      server.expiredWatches--
      send('ERROR', {
        kind: 'Status',
        apiVersion: 'v1',
        code: 410,
        reason: 'Expired',
        message: 'too old resource version',
      })
      return response.end()
    }
    const watcher = { kind, labels: query['labelSelector'] ?? '', send }
    watchers.add(watcher)
    response.on('close', () => watchers.delete(watcher))
    // what changed since the list
    for (const object of objects.values())
      if (
        object['kind'] === kind &&
        Number(object['metadata'].resourceVersion) > Number(query['resourceVersion']) &&
        matches(object, watcher.labels)
      )
        send('MODIFIED', object)
  }

  await new Promise<void>(done => http.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    http.closeAllConnections()
    http.close()
  })
  const address = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  return Object.assign(server, { kubeconfig: kubeconfigFor(address) })
}

/** A kubeconfig with a token for a server. */
export function kubeconfigFor(address: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server: address, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'student', user: { token: 'a-token' } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'student', namespace: 'lab' } }],
    'current-context': 'lab',
  })
}

async function read(request: IncomingMessage): Promise<Asked> {
  const url = new URL(request.url ?? '/', 'http://server')
  let text = ''
  for await (const part of request.setEncoding('utf8')) text += part
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    contentType: request.headers['content-type'],
    body: text === '' ? {} : JSON.parse(text),
  }
}

function reply(response: ServerResponse, status: number, body: Data, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/** What `/apis` says, for clients that look for what there is. */
function groupList(paths: readonly string[]): Data {
  const groups = paths.flatMap(path => {
    const [, api, name, version] = path.split('/')
    const versions = [{ groupVersion: `${name}/${version}`, version }]
    return api === 'apis' ? [{ name, versions, preferredVersion: versions[0] }] : []
  })
  return { kind: 'APIGroupList', apiVersion: 'v1', groups }
}

function refuse(response: ServerResponse, code: number, reason: string, message: string): void {
  reply(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message })
}

/** All pods run. */
function settled(object: Data): Data {
  const replicas = object['spec']?.replicas
  if (replicas === undefined) return object
  const observedGeneration = 1000
  return { ...object, status: { observedGeneration, replicas, updatedReplicas: replicas, readyReplicas: replicas } }
}

function merged(a: Data, b: Data): Data {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(b)) return b
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return Object.fromEntries([...keys].map(key => [key, key in b ? merged(a[key], b[key]) : a[key]]))
}

function matches(object: Data, selector: string): boolean {
  return selector
    .split(',')
    .filter(Boolean)
    .every(pair => object['metadata'].labels?.[pair.split('=')[0] ?? ''] === pair.split('=')[1])
}

function plural(kind: string): string {
  return kind === 'NetworkPolicy' ? 'networkpolicies' : `${kind.toLowerCase()}s`
}
