import type { Project } from '../../project/project.ts'
import type { Progress } from '../provider.ts'
import { networkName } from './containers.ts'
import { docker, dockerLines, tryDocker } from './engine.ts'
import { labelArguments, ownLabels } from './labels.ts'
import { uplinkMtu } from './machine.ts'
import { addressAt, parseSubnet } from './subnet.ts'

export interface Network {
  readonly name: string
  /** Of IPv4, in CIDR notation; empty: none. */
  readonly subnet: string
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
