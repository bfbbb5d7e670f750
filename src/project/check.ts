import { existsSync } from 'node:fs'
import { BlockList, isIP, isIPv4 } from 'node:net'
import { MlopsError, type Position } from '../errors.ts'
import { didYouMean } from '../near.ts'
import { at, type SourceNode } from '../source/node.ts'
import { checkKubernetes } from './kubernetes.ts'
import type { Project, ServerSpec } from './project.ts'
import { checkQemu } from './qemu.ts'
import { checkServers } from './services.ts'
import { checkSwarm } from './swarm.ts'

/** What the schema cannot say: names that must be there, addresses that must fit, files that must exist. */
export function checkProject(project: Project, root: SourceNode): MlopsError[] {
  const place = (...path: string[]): Position | undefined => at(root, path)?.at
  return [
    ...project.servers.flatMap(server => checkServer(server, place)),
    ...checkSubnet(project, place),
    ...checkAddresses(project, place),
    ...checkQemu(project, place),
    ...checkServices(project, place),
    ...(project.target === 'kubernetes' ? [] : checkServers(project, place)),
    ...(project.target === 'swarm' ? checkSwarm(project, place) : []),
    ...checkKubernetes(project.kubernetes),
    ...checkDelivery(project, place),
  ].sort((a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0))
}

type Place = (...path: string[]) => Position | undefined

function checkServer(server: ServerSpec, place: Place): MlopsError[] {
  const errors: MlopsError[] = []
  if (!/^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(server.name)) {
    const hint = 'a host name has letters, digits and `-`, at most 63'
    errors.push(wrong('server-name', `\`${server.name}\` cannot be the name of a server`, server.at, hint))
  }
  if (server.provider === 'static' && server.address === undefined) {
    const hint = 'write `address: 192.0.2.10`, or choose provider `docker`'
    errors.push(
      wrong(
        'no-address',
        `server \`${server.name}\` exists already (provider static): say its address`,
        server.at,
        hint,
      ),
    )
  }
  errors.push(...checkCloud(server, place))
  if (server.userDataFile !== undefined && !existsSync(server.userDataFile)) {
    const message = `there is no file ${server.userDataFile}`
    errors.push(wrong('no-file', message, place('servers', server.name, 'user_data'), 'paths are seen from mlops.yml'))
  }
  return errors
}

/** What is said of a server that its provider does not do. */
function checkCloud({ name, provider, address }: ServerSpec, place: Place): MlopsError[] {
  const settings = place('servers', name, 'openstack')
  if (provider !== 'openstack') {
    if (settings === undefined) return []
    const message = `server \`${name}\` is of provider ${provider}, which has no cloud`
    return [wrong('no-cloud', message, settings, 'leave `openstack` out, or choose provider `openstack`')]
  }
  if (address === undefined) return []
  const hint = 'leave the address out; `floating_ip: true` gives it one that can be reached from outside'
  return [wrong('address', `the cloud gives \`${name}\` its address`, place('servers', name, 'address'), hint)]
}

function checkSubnet({ docker }: Project, place: Place): MlopsError[] {
  const [network = ''] = docker.subnet.split('/')
  if (isIPv4(network)) return []
  const hint = 'an IPv4 network, such as 10.77.0.0/24'
  return [wrong('subnet', `${docker.subnet} is not a network`, place('docker', 'subnet'), hint)]
}

function checkAddresses(project: Project, place: Place): MlopsError[] {
  const errors: MlopsError[] = []
  const [network = '', bits] = project.docker.subnet.split('/')
  if (!isIPv4(network)) return []
  const subnet = new BlockList()
  subnet.addSubnet(network, Number(bits))
  const taken = new Map<string, string>()
  for (const { name, provider, address, port } of project.servers) {
    if (address === undefined) continue
    const at = place('servers', name, 'address')
    if (provider === 'docker' && (isIP(address) === 0 || !subnet.check(address))) {
      const hint = 'leave the address out, or change docker.subnet'
      errors.push(wrong('address', `${address} is not in the subnet ${project.docker.subnet}`, at, hint))
    }
    const other = taken.get(`${address}:${port}`)
    if (other !== undefined) errors.push(wrong('address', `${address} is the address of \`${other}\` already`, at))
    else taken.set(`${address}:${port}`, name)
  }
  return errors
}

function checkServices(project: Project, place: Place): MlopsError[] {
  const errors: MlopsError[] = []
  const taken = new Map(project.services.map(service => [service.name, service.name]))
  for (const service of project.services) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(service.name)) {
      const hint = 'letters, digits, `.`, `-` and `_`, as Compose has it'
      errors.push(wrong('service-name', `\`${service.name}\` cannot be the name of a service`, service.at, hint))
    }
    const { name, replicas = 0, maxReplicas = replicas } = service
    if (project.target === 'kubernetes' && replicas > maxReplicas) {
      const message = `\`${name}\` is to have ${replicas} replicas, and ${maxReplicas} at most`
      errors.push(wrong('replicas', message, place('services', name, 'max_replicas')))
    }
    service.aliases.forEach((alias, i) => {
      const owner = taken.get(alias)
      const at = place('services', service.name, 'aliases', String(i))
      if (owner !== undefined) errors.push(wrong('alias', `\`${alias}\` means the service \`${owner}\` already`, at))
      else taken.set(alias, service.name)
    })
  }
  return errors
}

function checkDelivery({ delivery, servers }: Project, place: Place): MlopsError[] {
  const names = servers.map(server => server.name)
  return (['from', 'to'] as const).flatMap(key => {
    const name = delivery[key]
    // what was not written comes from the services, and is said there
    if (name === undefined || names.includes(name) || place('delivery', key) === undefined) return []
    const hint = didYouMean(name, names) ?? `the servers are ${names.map(each => `\`${each}\``).join(', ')}`
    const message = `models are delivered ${key} a server that is not there: \`${name}\``
    return [wrong('unknown-server', message, place('delivery', key), hint)]
  })
}

function wrong(code: string, message: string, at?: Position, hint?: string): MlopsError {
  return new MlopsError(`project.${code}`, message, { at, hint })
}
