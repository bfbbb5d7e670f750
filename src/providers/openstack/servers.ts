import type { Project } from '../../project/project.ts'
import type { Server } from '../provider.ts'
import type { CloudClient } from './client.ts'
import * as tag from './metadata.ts'
import type { FloatingIp, NovaAddress, NovaServer } from './wire.ts'

/**
 * The servers of a project that we made, oldest first, with their floating IPs. What another user of the cloud made is not
 * ours, whatever its tags.
 */
export async function ownServers(client: CloudClient, project: Pick<Project, 'name'>): Promise<NovaServer[]> {
  const { userId } = await client.session()
  const all = (await client.list('compute', '/servers/detail', 'servers')) as NovaServer[] // wire.ts says what of it we read
  const own = all
    .filter(server => server.metadata[tag.PROJECT] === project.name && server.user_id === userId && !isGoing(server))
    .sort((a, b) => (a.created < b.created ? -1 : 1))
  if (own.length === 0) return []
  const floating = await floatingIps(client)
  return own.map(server => withFloating(server, floating))
}

/** Nova shows a floating IP some seconds after Neutron has led it to a server: so we ask Neutron. */
function withFloating(server: NovaServer, all: readonly FloatingIp[]): NovaServer {
  const networks = Object.entries(server.addresses)
  const fixed = networks.flatMap(([, addresses]) => addresses.map(({ addr }) => addr))
  const isIts = (one: FloatingIp) =>
    one.port_id !== null &&
    (one.port_details ? one.port_details.device_id === server.id : fixed.includes(one.fixed_ip_address ?? ''))
  const found = all.filter(one => isIts(one) && !fixed.includes(one.floating_ip_address))
  const [name] = networks[0] ?? []
  if (found.length === 0 || name === undefined) return server
  const added: NovaAddress[] = found.map(one => ({
    ...{ addr: one.floating_ip_address, version: 4, 'OS-EXT-IPS:type': 'floating' },
  }))
  return { ...server, addresses: { ...server.addresses, [name]: [...(server.addresses[name] ?? []), ...added] } }
}

/** One server as it is now. */
export async function readServer(client: CloudClient, id: string): Promise<NovaServer> {
  const { server } = (await client.get('compute', `/servers/${id}`)) as { server: NovaServer } // as above
  return server
}

/** The floating IPs of the project. */
export async function floatingIps(client: CloudClient): Promise<FloatingIp[]> {
  const { projectId } = await client.session()
  const all = await client.list('network', `/floatingips?project_id=${projectId}`, 'floatingips')
  return all as FloatingIp[] // Neutron's own JSON
}

/** Where a server is reached: its floating IP, else its first IPv4 address in the network that it was made in, else its first IPv6 one. */
export function addressOf(server: NovaServer): string | undefined {
  const network = server.metadata[tag.NETWORK] ?? ''
  const all = Object.values(server.addresses).flat()
  const wanted = server.addresses[network] ?? all
  const found =
    all.find(one => one['OS-EXT-IPS:type'] === 'floating') ??
    wanted.find(one => one.version === 4) ??
    wanted.find(one => one.version === 6) ??
    all[0]
  return found?.addr
}

export function hasFloatingIp(server: NovaServer): boolean {
  return Object.values(server.addresses)
    .flat()
    .some(one => one['OS-EXT-IPS:type'] === 'floating')
}

/** The server as all providers describe one. `ready` holds the ids of those that were seen ready. */
export function toServer(
  server: NovaServer,
  ready: ReadonlySet<string>,
  { port, privateKeyFile }: { port: number; privateKeyFile: string },
): Server {
  const { metadata } = server
  return {
    name: metadata[tag.SERVER] ?? server.name,
    provider: 'openstack',
    address: addressOf(server) ?? '',
    port,
    user: metadata[tag.USER] ?? '',
    hostKey: metadata[tag.HOST_KEY],
    privateKeyFile,
    image: metadata[tag.IMAGE],
    state: stateOf(server, ready),
    createdAt: server.created,
    expiresAt: metadata[tag.EXPIRES],
    flavor: metadata[tag.FLAVOR] ?? server.flavor.id,
  }
}

/** Nova's words for servers that only have to be woken, and the action that wakes them. */
export const WAKE: Readonly<Record<string, string>> = { SHUTOFF: 'os-start', SUSPENDED: 'resume', PAUSED: 'unpause' }

function stateOf({ id, status }: NovaServer, ready: ReadonlySet<string>): Server['state'] {
  if (status in WAKE) return 'stopped'
  return ready.has(id) && status === 'ACTIVE' ? 'ready' : 'unfinished'
}

function isGoing(server: NovaServer): boolean {
  return ['DELETED', 'SOFT_DELETED'].includes(server.status) || server['OS-EXT-STS:task_state'] === 'deleting'
}
