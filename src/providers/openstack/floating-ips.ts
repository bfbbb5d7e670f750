import { MlopsError } from '../../errors.ts'
import type { Project } from '../../project/project.ts'
import type { CloudClient } from './client.ts'
import { CloudError } from './cloud-errors.ts'
import { ownName } from './metadata.ts'
import { floatingIps } from './servers.ts'
import type { FloatingIp, Network, NovaServer, Port } from './wire.ts'

/** What a floating IP that we allocated is described with: only those are ours to release. */
export function isOurs({ description }: FloatingIp, project: Pick<Project, 'name'>): boolean {
  return description === ownName(project.name)
}

/** Gives each server a floating IP of its own: a free one of the project where there is one, else a new one. */
export class FloatingIpDesk {
  readonly #client: CloudClient
  readonly #project: Pick<Project, 'name'>
  readonly #taken = new Set<string>()
  readonly #allocated = new Set<string>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(client: CloudClient, project: Pick<Project, 'name'>) {
    this.#client = client
    this.#project = project
  }

  /** One after the other: two servers must not be given the same. */
  take(pool: Network): Promise<FloatingIp> {
    const turn = this.#last.then(
      () => this.#take(pool),
      () => this.#take(pool),
    )
    this.#last = turn
    return turn
  }

  /** Gives back what no server got: one that this run allocated is released. */
  async giveBack({ id }: FloatingIp): Promise<void> {
    this.#taken.delete(id)
    if (this.#allocated.delete(id)) await this.#client.delete('network', `/floatingips/${id}`)
  }

  /** Leads a floating IP to a server, in the network that it is in. Throws `openstack.no-route`. */
  async attach(floating: FloatingIp, server: NovaServer, network: Network): Promise<void> {
    const ports = (await this.#client.list('network', `/ports?device_id=${server.id}`, 'ports')) as Port[] // Neutron's own JSON
    const port = ports.find(one => one.network_id === network.id) ?? ports[0]
    if (port === undefined) {
      throw new MlopsError('openstack.no-port', `${server.name} has no port in network ${network.name}`)
    }
    try {
      await this.#client.put('network', `/floatingips/${floating.id}`, { floatingip: { port_id: port.id } })
    } catch (error) {
      if (!(error instanceof CloudError && error.type === 'ExternalGatewayForFloatingIPNotFound')) throw error
      throw new MlopsError('openstack.no-route', `no router leads from network ${network.name} to the outside`, {
        hint: 'choose another `network`, or `floating_ip: false` when its addresses can be reached from here',
        cause: error,
      })
    }
  }

  async #take(pool: Network): Promise<FloatingIp> {
    const free = (await floatingIps(this.#client)).filter(
      one => one.port_id === null && one.floating_network_id === pool.id && !this.#taken.has(one.id),
    )
    const found = free.find(one => isOurs(one, this.#project)) ?? free[0] ?? (await this.#allocate(pool, free))
    this.#taken.add(found.id)
    return found
  }

  async #allocate(pool: Network, before: readonly FloatingIp[]): Promise<FloatingIp> {
    const known = new Set(before.map(({ id }) => id))
    const body = { floatingip: { floating_network_id: pool.id, description: ownName(this.#project.name) } }
    const made = await this.#client.once(
      async () =>
        (await floatingIps(this.#client)).find(
          one => one.port_id === null && isOurs(one, this.#project) && !known.has(one.id) && !this.#taken.has(one.id),
        ),
      // Neutron's own JSON
      async () => ((await this.#client.post('network', '/floatingips', body)) as { floatingip: FloatingIp }).floatingip,
    )
    this.#allocated.add(made.id)
    return made
  }
}
