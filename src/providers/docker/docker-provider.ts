import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { MlopsError, throwAll } from '../../errors.ts'
import type { Project, ServerSpec } from '../../project/project.ts'
import { statePath, writeStateText } from '../../project/state.ts'
import { awaitServer } from '../await-server.ts'
import { clusterKey, hostKey, type LoginKey, loginKey } from '../cluster-key.ts'
import { inOrder, pool, settle } from '../concurrency.ts'
import { knownHosts } from '../known-hosts.ts'
import type { Problem, Progress, Provider, Removal, RemovalScope, Server, ServerPlan, Work } from '../provider.ts'
import { readReady, rememberReady } from '../ready.ts'
import { userData } from '../user-data.ts'
import { capabilityArguments } from './capabilities.ts'
import { type Container, containerName, containersOf, createArguments, networkName, toServer } from './containers.ts'
import { destroyThings, findRemovals } from './destroy.ts'
import { docker, engineInfo, isLocal } from './engine.ts'
import { ImageShop, took } from './images.ts'
import * as label from './labels.ts'
import { resolvers } from './machine.ts'
import { ensureNetwork } from './network.ts'
import { engineProblems, serverProblems } from './preflight.ts'
import type { Suite } from './recipe.ts'
import { serverRecipe } from './recipes/server.ts'
import { ensureRegistry, joinRegistry, REGISTRY_HOSTS } from './registry.ts'
import { seedArchive } from './seed.ts'
import { addressAt, nextAddress, parseSubnet } from './subnet.ts'

/** Servers boot that many at a time: more only wait for the processors. */
const PARALLEL = 4
/** A busy machine of two cores needed 34 s. */
const BOOT_TIME_MS = 240_000

/** Makes servers as containers of the Docker Engine, with all that a server has: systemd, sshd, sudo, cloud-init. */
export class DockerProvider implements Provider {
  readonly #project: Project
  readonly #specs: readonly ServerSpec[]

  constructor(project: Project) {
    this.#project = project
    this.#specs = project.servers.filter(spec => spec.provider === 'docker')
  }

  async preflight(names: readonly string[]): Promise<readonly Problem[]> {
    const problems = await engineProblems()
    if (problems.some(problem => problem.severity === 'error')) return problems
    const containers = await this.#containers()
    const missing = this.#specs.filter(spec => names.includes(spec.name) && !containers.has(spec.name))
    return [
      ...problems,
      ...(await serverProblems({ project: this.#project, missing })),
      ...this.#keyProblems(containers),
    ]
  }

  async plan(names: readonly string[]): Promise<readonly ServerPlan[]> {
    const containers = await this.#containers()
    const ready = readReady(this.#project)
    const addresses = this.#addresses(containers)
    return this.#specs
      .filter(spec => names.includes(spec.name))
      .map(spec => planFor(spec, containers.get(spec.name), { ready, address: addresses.get(spec.name) ?? '' }))
  }

  async create(plans: readonly ServerPlan[], progress: Work): Promise<void> {
    const work = plans.filter(plan => plan.action !== 'keep')
    if (work.length === 0) return
    const made = work.filter(plan => plan.action === 'create' || plan.action === 'replace')
    const kit = made.length > 0 ? await this.#prepare(made, progress) : undefined
    await pool(work, PARALLEL, async plan => {
      const since = Date.now()
      const verb = kit && made.includes(plan) ? 'made' : plan.action === 'start' ? 'started' : 'finished'
      if (kit && made.includes(plan)) await this.#make(plan, kit)
      if (plan.action === 'start') await docker(['start', containerName(this.#project, plan.server)])
      await this.#await(plan.server, progress)
      progress.onStep(`server ${plan.server} ${plan.address} ${verb}${took(since)}`)
    })
  }

  async list(): Promise<readonly Server[]> {
    const ready = readReady(this.#project)
    const containers = await this.#containers()
    return inOrder(
      [...containers.values()].map(container => toServer(container, ready, this.#keyOf(container).privateKeyFile)),
      this.#specs.map(spec => spec.name),
    )
  }

  async removals(scope: RemovalScope): Promise<readonly Removal[]> {
    const problems = await engineProblems()
    throwAll(problems.map(({ code, message, hint }) => new MlopsError(code, message, { hint })))
    return findRemovals(this.#project, scope)
  }

  destroy(removals: readonly Removal[], progress: Progress): Promise<void> {
    return destroyThings(this.#project, removals, progress)
  }

  async #containers(): Promise<Map<string, Container>> {
    const found = await containersOf(this.#project)
    return new Map(found.map(container => [container.labels[label.SERVER] ?? container.name, container]))
  }

  #spec(name: string): ServerSpec | undefined {
    return this.#specs.find(spec => spec.name === name)
  }

  #key(spec: ServerSpec | undefined): LoginKey {
    const file = spec?.privateKeyFile
    return file === undefined ? clusterKey(this.#project, this.#project.name) : loginKey(file)
  }

  #keyOf(container: Container): LoginKey {
    return this.#key(this.#spec(container.labels[label.SERVER] ?? ''))
  }

  /** Servers that were made with a key which this folder has lost. */
  #keyProblems(containers: ReadonlyMap<string, Container>): Problem[] {
    return [...containers].flatMap(([name, container]) => {
      if (container.labels[label.LOGIN_KEY] === digest(this.#keyOf(container).publicKey)) return []
      return [
        {
          code: 'docker.other-key',
          severity: 'error' as const,
          message: `${name} was made with another key than the one in .mlops/, so nobody can log in`,
          hint: `mlops destroy ${name}, then provision again`,
        },
      ]
    })
  }

  /** The address of each server: what it has, what mlops.yml says, or the next free one. */
  #addresses(containers: ReadonlyMap<string, Container>): Map<string, string> {
    const found = new Map<string, string>()
    for (const [name, container] of containers) found.set(name, container.labels[label.ADDRESS] ?? '')
    const taken = new Set<string>(found.values())
    for (const spec of this.#specs) if (spec.address !== undefined) taken.add(spec.address)
    const subnet = parseSubnet(this.#project.docker.subnet)
    for (const spec of this.#specs) {
      if (found.has(spec.name) || subnet === undefined) continue
      const address = spec.address ?? nextAddress(subnet, taken)
      if (address === undefined) {
        throw new MlopsError(
          'docker.subnet-full',
          `${this.#project.docker.subnet} has no address left for ${spec.name}`,
          {
            at: spec.at,
            hint: 'give a larger `docker.subnet` in mlops.yml',
          },
        )
      }
      taken.add(address)
      found.set(spec.name, address)
    }
    return found
  }

  /** What all servers need before the first one is made: images, rights, network, registry. */
  async #prepare(plans: readonly ServerPlan[], progress: Progress): Promise<Kit> {
    const project = this.#project
    const info = await engineInfo()
    const local = !('unreachable' in info) && isLocal(info)
    const shop = new ImageShop(progress)
    const specs = plans.flatMap(plan => this.#spec(plan.server) ?? [])
    const authority = this.#registry(shop, progress)
    const names = [...new Set(specs.map(spec => spec.image))]
    const images = settle(names.map(async name => [name, await serverImage(name, shop)] as const))
    await settle<unknown>([images, authority, ensureNetwork(project, progress, local)])
    const found = await images
    const pem = await authority
    const subnet = parseSubnet(project.docker.subnet)
    const registryAddress = subnet && addressAt(subnet, 2)
    if (pem !== undefined && registryAddress !== undefined) await joinRegistry(networkName(project), registryAddress)
    return {
      images: new Map(found),
      capabilities: await capabilityArguments(found[0]?.[1] ?? ''),
      authority: pem,
      hosts: pem === undefined ? [] : REGISTRY_HOSTS.map(host => `${host}:${registryAddress}`),
      dns: project.docker.dns.length > 0 ? project.docker.dns : resolvers(),
      local,
    }
  }

  /** A registry of our own serves only where servers could not pull by themselves. */
  async #registry(shop: ImageShop, progress: Progress): Promise<string | undefined> {
    if (this.#project.docker.registryMirror.kind !== 'local') return undefined
    if (await shop.canPull()) return undefined
    return ensureRegistry(shop, progress)
  }

  async #make(plan: ServerPlan, kit: Kit): Promise<void> {
    const project = this.#project
    const spec = this.#spec(plan.server)
    if (spec === undefined) return
    const name = containerName(project, spec.name)
    const key = this.#key(spec)
    const host = hostKey(project, spec.name)
    const mirror = project.docker.registryMirror
    const publishedPort = kit.local ? undefined : await freePort()
    const labels = {
      ...label.ownLabels(project),
      [label.SERVER]: spec.name,
      [label.ADDRESS]: publishedPort === undefined ? plan.address : `127.0.0.1:${publishedPort}`,
      [label.USER]: spec.user,
      [label.HOST_KEY]: host.publicKey,
      [label.LOGIN_KEY]: digest(key.publicKey),
      [label.SERVER_IMAGE]: spec.image,
    }
    if (plan.action === 'replace') await docker(['rm', '--force', '--volumes', name])
    await docker(
      createArguments({
        ...{ project, spec, labels, publishedPort, address: plan.address },
        ...{ capabilities: kit.capabilities, hosts: kit.hosts, dns: kit.dns },
        image: kit.images.get(spec.image) ?? spec.image,
      }),
    )
    const archive = seedArchive({
      ...{ server: spec.name, userData: userData(spec, key.publicKey), hostKey: host, authority: kit.authority },
      mirrorUrl: mirror.kind === 'url' ? mirror.url : undefined,
    })
    await docker(['cp', '-', `${name}:/`], { input: archive })
    await docker(['start', name])
  }

  async #await(name: string, progress: Work): Promise<void> {
    const server = (await this.list()).find(one => one.name === name)
    if (server === undefined) throw new MlopsError('server.gone', `${name} was removed while it was being made`)
    const pinned = `host-keys/${name}.known_hosts`
    writeStateText(this.#project, pinned, knownHosts([server]))
    const complaints = await awaitServer(server, {
      open: progress.open,
      knownHostsFile: statePath(this.#project, ...pinned.split('/')),
      timeoutMs: BOOT_TIME_MS,
      signal: progress.signal,
      hint: `docker logs ${containerName(this.#project, name)}; docker exec ${containerName(this.#project, name)} journalctl -b`,
    })
    for (const complaint of complaints) progress.onWarning(`${name}: cloud-init: ${complaint}`)
    const container = (await this.#containers()).get(name)
    if (container !== undefined) rememberReady(this.#project, container.id)
  }
}

interface Kit {
  readonly images: ReadonlyMap<string, string>
  readonly capabilities: readonly string[]
  readonly authority: string | undefined
  readonly hosts: readonly string[]
  readonly dns: readonly string[]
  readonly local: boolean
}

interface Known {
  readonly ready: ReadonlySet<string>
  readonly address: string
}

function planFor(spec: ServerSpec, container: Container | undefined, { ready, address }: Known): ServerPlan {
  const plan = { server: spec.name, address }
  if (container === undefined) return { ...plan, action: 'create' }
  const differs = differences(spec, container)
  // Only what never ran may be thrown away unasked: nobody has put anything into it.
  if (container.status === 'created') return { ...plan, action: 'replace' }
  if (container.status !== 'running') return { ...plan, action: 'start', differs }
  return { ...plan, action: ready.has(container.id) ? 'keep' : 'finish', differs }
}

function differences(spec: ServerSpec, { labels }: Container): string | undefined {
  const now = labels[label.SERVER_IMAGE]
  const address = labels[label.ADDRESS]
  if (now !== spec.image) return `it was made from ${now}, mlops.yml says ${spec.image}`
  if (labels[label.USER] !== spec.user) return `its user is ${labels[label.USER]}, mlops.yml says ${spec.user}`
  if (spec.address !== undefined && address !== spec.address)
    return `its address is ${address}, mlops.yml says ${spec.address}`
  return undefined
}

/** `debian-13` and `debian-12` are made here; anything else is a Docker image that boots systemd, sshd and cloud-init. */
async function serverImage(name: string, shop: ImageShop): Promise<string> {
  const suites: Readonly<Record<string, Suite>> = { 'debian-13': 'trixie', 'debian-12': 'bookworm' }
  const suite = suites[name]
  if (suite !== undefined) return shop.built(serverRecipe(suite))
  const pulled = await shop.pulled(name)
  if (pulled !== undefined) return pulled
  throw new MlopsError('docker.image', `image ${name} is neither here nor can it be pulled`, {
    hint: 'use debian-13 or debian-12, which are made on this machine',
  })
}

function digest(publicKey: string): string {
  const bare = publicKey.trim().split(/\s+/).slice(0, 2).join(' ')
  return createHash('sha256').update(bare).digest('hex').slice(0, 16)
}

/** A port of 127.0.0.1 that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
