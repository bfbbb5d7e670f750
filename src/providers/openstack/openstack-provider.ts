import { MlopsError, throwAll } from '../../errors.ts'
import type { Project } from '../../project/project.ts'
import { clusterKey, type LoginKey, loginKey } from '../cluster-key.ts'
import { inOrder, pool } from '../concurrency.ts'
import type {
  Problem,
  Progress,
  Provider,
  Removal,
  RemovalScope,
  Server,
  ServerImages,
  ServerPlan,
  Work,
} from '../provider.ts'
import { readReady } from '../ready.ts'
import { findBaked, listBaked, removeBaked, saveBaked } from './baked-images.ts'
import { type Choice, choose, readOffer, type Wish } from './choices.ts'
import { CloudClient } from './client.ts'
import { chooseCloud } from './cloud.ts'
import { type Crew, carryOut, type Job, markExpiry } from './crew.ts'
import { destroyThings, findRemovals } from './destroy.ts'
import { FloatingIpDesk } from './floating-ips.ts'
import { ensureKeyPair } from './key-pairs.ts'
import * as tag from './metadata.ts'
import { planFor } from './plan.ts'
import { lookBefore } from './preflight.ts'
import { ensureGroup, widenGroup } from './security-group.ts'
import { addressOf, hasFloatingIp, ownServers, toServer } from './servers.ts'
import type { NovaServer } from './wire.ts'

/** Servers are made that many at a time. */
const PARALLEL = 8

/** Makes servers at an OpenStack cloud: Keystone v3, Nova 2.1, Neutron 2.0 and Glance 2, over HTTP. */
export class OpenStackProvider implements Provider {
  readonly canExpire = true
  readonly #project: Project
  readonly #wishes: readonly Wish[]
  #client: CloudClient | undefined
  #choices: ReadonlyMap<string, Choice> = new Map()

  constructor(project: Project) {
    this.#project = project
    this.#wishes = project.servers.flatMap(spec => {
      const settings = project.openstack?.servers.get(spec.name)
      return settings === undefined ? [] : [{ spec, settings }]
    })
  }

  readonly images: ServerImages = {
    base: async name => {
      const wishes = this.#wanted([name])
      const { choices } = choose(wishes, await readOffer(this.#cloud(), wishes))
      return choices.get(name)?.image.id ?? ''
    },
    save: async (name, image, progress) => {
      const client = this.#cloud().until(progress.signal)
      const server = (await this.#servers(client)).get(name)
      if (server === undefined) throw new MlopsError('server.gone', `${name} was removed while it was being baked`)
      await saveBaked(client, server, { image, progress })
    },
    list: () => listBaked(this.#cloud(), this.#project),
    remove: (name, progress) => removeBaked(this.#cloud().until(progress.signal), this.#project, { name, progress }),
  }

  async preflight(names: readonly string[], signal?: AbortSignal): Promise<readonly Problem[]> {
    const client = this.#cloud().until(signal)
    const servers = await ownServers(client, this.#project)
    const present = { servers, ready: readReady(this.#project), keyOf: (name: string) => this.#key(name).publicKey }
    const { choices, problems } = await lookBefore(client, this.#wanted(names), present)
    this.#choices = choices
    return problems
  }

  async plan(names: readonly string[]): Promise<readonly ServerPlan[]> {
    const servers = await this.#servers(this.#cloud())
    const ready = readReady(this.#project)
    return this.#wanted(names).map(wish => planFor(wish, servers.get(wish.spec.name), ready))
  }

  async create(plans: readonly ServerPlan[], work: Work): Promise<void> {
    const client = this.#cloud().until(work.signal)
    await client.session()
    work.onServer?.({ type: 'authorized' })
    const isNew = ({ action }: ServerPlan) => action === 'create' || action === 'replace'
    const made = plans.filter(isNew).map(plan => plan.server)
    // new servers come with the group as it must be
    if (made.length === 0) await widenGroup(client, this.#project)
    else work.onServer?.({ type: 'creating', servers: made })
    const nothingToDo = work.expiresAt === undefined && plans.every(plan => plan.action === 'keep')
    const servers = nothingToDo ? new Map<string, NovaServer>() : await this.#servers(client)
    const choices = await this.#chosen(client, plans, servers)
    const crew = this.#crew(client, work)
    const errors: MlopsError[] = []
    await pool(plans, PARALLEL, async plan => {
      try {
        await this.#carryOut(crew, plan, { server: servers.get(plan.server), choice: choices.get(plan.server) })
      } catch (error) {
        if (!(error instanceof MlopsError) || work.signal?.aborted) throw error
        errors.push(error)
      }
    })
    // what goes wrong now is not what went wrong first
    if (errors.length > 0) await this.#leaveNothing(client, work).catch(() => {})
    throwAll(errors)
  }

  async #carryOut(crew: Crew, plan: ServerPlan, found: Pick<Job, 'server' | 'choice'>): Promise<void> {
    const [wish] = this.#wanted([plan.server])
    if (wish === undefined) return
    if (plan.action !== 'keep') return carryOut(crew, { plan, wish, key: this.#key(plan.server), ...found })
    if (found.server) await markExpiry(crew.client, found.server, crew.work.expiresAt)
    crew.work.onServer?.({ type: 'active', server: plan.server, address: plan.address })
  }

  async list(): Promise<readonly Server[]> {
    const ready = readReady(this.#project)
    // one that has no address yet can be reached by nobody
    const found = [...(await this.#servers(this.#cloud())).values()].filter(server => addressOf(server) !== undefined)
    return inOrder(
      found.map(server => {
        const name = server.metadata[tag.SERVER] ?? ''
        const port = this.#wanted([name])[0]?.spec.port ?? 22
        return toServer(server, ready, { port, privateKeyFile: this.#key(name).privateKeyFile })
      }),
      this.#wishes.map(({ spec }) => spec.name),
    )
  }

  removals(scope: RemovalScope): Promise<readonly Removal[]> {
    return findRemovals(this.#cloud(), this.#project, scope)
  }

  destroy(removals: readonly Removal[], progress: Progress): Promise<void> {
    return destroyThings(this.#cloud().until(progress.signal), this.#project, { removals, progress })
  }

  /** Credentials are looked for when they are needed, and not before. */
  #cloud(): CloudClient {
    this.#client ??= new CloudClient(
      chooseCloud({ cloud: this.#project.openstack?.cloud, region: this.#project.openstack?.region }, process.env),
    )
    return this.#client
  }

  async #servers(client: CloudClient): Promise<Map<string, NovaServer>> {
    const found = await ownServers(client, this.#project)
    // of two of one name the older counts; preflight says that there are two
    return new Map(found.reverse().map(server => [server.metadata[tag.SERVER] ?? server.name, server]))
  }

  #wanted(names: readonly string[]): Wish[] {
    return this.#wishes.filter(({ spec }) => names.includes(spec.name))
  }

  /** What preflight chose, and what servers need that were made without a floating IP, or without a preflight. */
  async #chosen(
    client: CloudClient,
    plans: readonly ServerPlan[],
    servers: ReadonlyMap<string, NovaServer>,
  ): Promise<ReadonlyMap<string, Choice>> {
    const needs = this.#wishes.filter(({ spec, settings }) => {
      const plan = plans.find(({ server }) => server === spec.name)
      if (plan === undefined || plan.action === 'keep' || this.#choices.has(spec.name)) return false
      const server = servers.get(spec.name)
      return (
        server === undefined || plan.action === 'replace' || (settings.floatingIp !== false && !hasFloatingIp(server))
      )
    })
    if (needs.length === 0) return this.#choices
    const { choices, problems } = choose(needs, await readOffer(client, needs))
    throwAll(problems.map(({ code, message, hint, at }) => new MlopsError(code, message, { hint, at })))
    return new Map([...this.#choices, ...choices])
  }

  #crew(client: CloudClient, work: Work): Crew {
    let group: Promise<string> | undefined
    const keyPairs = new Map<string, Promise<string>>()
    return {
      ...{ client, work, project: this.#project, desk: new FloatingIpDesk(client, this.#project) },
      groupsOf: async ({ groups }) => {
        if (groups !== undefined) return groups
        group ??= ensureGroup(client, this.#project, work)
        return [await group]
      },
      keyPairOf: async ({ keyPair }, { publicKey }) => {
        if (keyPair !== undefined) return keyPair
        const known = keyPairs.get(publicKey)
        const name = known ?? ensureKeyPair(client, this.#project, { publicKey, onStep: work.onStep })
        keyPairs.set(publicKey, name)
        return name
      },
      bakedId: async name => {
        const found = (await findBaked(client, this.#project)).find(image => image.name === name)
        if (found) return found.id
        throw new MlopsError('openstack.no-image', `the baked image ${name} is gone`, { hint: 'run mlops bake again' })
      },
    }
  }

  /** When not one server is there, what they would have shared goes too. */
  async #leaveNothing(client: CloudClient, work: Work): Promise<void> {
    const removals = await findRemovals(client, this.#project, {})
    if (removals.every(({ kind }) => kind !== 'server')) {
      await destroyThings(client, this.#project, { removals, progress: work })
    }
  }

  #key(name: string): LoginKey {
    const file = this.#project.servers.find(spec => spec.name === name)?.privateKeyFile
    return file === undefined ? clusterKey(this.#project, this.#project.name) : loginKey(file)
  }
}
