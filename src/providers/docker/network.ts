import { networkInterfaces } from 'node:os'
import type { Project } from '../../project/project.ts'
import type { Progress } from '../provider.ts'
import { networkName } from './containers.ts'
import { docker, dockerLines, tryDocker } from './engine.ts'
import { labelArguments, ownLabels } from './labels.ts'
import { uplinkMtu } from './machine.ts'
import { addressAt, overlaps, parseSubnet } from './subnet.ts'

export interface Network {
  readonly name: string
  /** Of IPv4, in CIDR notation; empty: none. */
  readonly subnet: string
}

/** What has addresses already: the engine's networks and, where the engine is on this machine, its cards. The names are for people. */
export async function takenNetworks({ isLocal }: { readonly isLocal: boolean }): Promise<Network[]> {
  const engines = (await networks()).map(network => ({ ...network, name: `Docker's network ${network.name}` }))
  return isLocal ? [...engines, ...ownCards()] : engines
}

/** The first of 10.77.0.0/24, 10.77.1.0/24, … that nothing has yet; undefined when all are taken. */
export function freeSubnet(taken: readonly Network[]): string | undefined {
  const theirs = taken.flatMap(({ subnet }) => parseSubnet(subnet) ?? [])
  for (let third = 0; third <= 255; third++) {
    const text = `10.77.${third}.0/24`
    const subnet = parseSubnet(text)
    if (subnet !== undefined && !theirs.some(other => overlaps(subnet, other))) return text
  }
  return undefined
}

/** Addresses of this machine's own network cards. */
export function ownCards(): Network[] {
  return Object.entries(networkInterfaces()).flatMap(([card, addresses = []]) =>
    addresses
      .filter(({ family }) => family === 'IPv4')
      .map(({ cidr }) => ({ name: `this machine's ${card}`, subnet: cidr ?? '' })),
  )
}

/** All networks of the engine that have addresses. */
export async function networks(): Promise<Network[]> {
  const ids = await dockerLines(['network', 'ls', '--quiet'])
  return ids.length === 0 ? [] : inspectNetworks(ids)
}

export async function findNetwork(name: string): Promise<Network | undefined> {
  const found = await tryDocker(['network', 'inspect', '--format', FORMAT, name])
  return found.status === 0 ? parseNetwork(found.stdout) : undefined
}

/** Makes the project's network when it is not there. */
export async function ensureNetwork(project: Project, { onStep }: Progress, isLocal: boolean): Promise<void> {
  const name = networkName(project)
  if ((await findNetwork(name)) !== undefined) return
  const { subnet } = project.docker
  const mtu = Math.min(project.docker.mtu, (isLocal ? uplinkMtu() : undefined) ?? project.docker.mtu)
  const parsed = parseSubnet(subnet)
  const gateway = parsed && addressAt(parsed, 1)
  await docker([
    ...['network', 'create', ...labelArguments(ownLabels(project)), '--subnet', subnet],
    ...(gateway === undefined ? [] : ['--gateway', gateway]),
    ...['--opt', `com.docker.network.driver.mtu=${mtu}`, name],
  ])
  const reason = mtu < project.docker.mtu ? ", as this machine's network card" : ''
  onStep(`network ${name} ${subnet} made, MTU ${mtu}${reason}`)
}

const FORMAT = '{{.Name}} {{range .IPAM.Config}}{{.Subnet}} {{end}}'

async function inspectNetworks(ids: readonly string[]): Promise<Network[]> {
  const lines = await dockerLines(['network', 'inspect', '--format', FORMAT, ...ids])
  return lines.map(parseNetwork).filter(network => network.subnet !== '')
}

function parseNetwork(line: string): Network {
  const [name = '', ...subnets] = line.trim().split(' ')
  return { name, subnet: subnets.find(subnet => subnet.includes('.')) ?? '' }
}
