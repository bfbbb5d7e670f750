import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { MlopsError, throwAll } from '../errors.ts'
import { validate } from '../schema/validate.ts'
import { load } from '../source/load.ts'
import { at, data, type Entry, type SourceNode, type SourceWarning } from '../source/node.ts'
import { checkProject } from './check.ts'
import { readKubernetes, targetOf } from './kubernetes.ts'
import { type OpenStackSettings, readOpenStack } from './openstack.ts'
import type {
  AppSettings,
  DeliverySettings,
  DockerSettings,
  Project,
  ProviderName,
  RegistryMirror,
  ServerSpec,
  ServiceSpec,
} from './project.ts'
import { readQemu } from './qemu.ts'
import { projectSchema } from './schema.ts'
import { appServers } from './services.ts'
import { readSwarm } from './swarm.ts'

export const PROJECT_FILE = 'mlops.yml'

/** The nearest `mlops.yml` in the folder or above it, or undefined. */
export function findProject(directory: string): string | undefined {
  for (let folder = resolve(directory); ; folder = dirname(folder)) {
    const file = join(folder, PROJECT_FILE)
    if (existsSync(file)) return file
    if (folder === dirname(folder)) return undefined
  }
}

/** Reads an `mlops.yml`. Throws everything that is wrong in it at once (`project.*`, `schema.*`, `source.*`). */
export function loadProject(file: string): Project {
  const { root, warnings } = load(file)
  throwAll([...warnings.map(twice), ...validate(root, projectSchema)])
  const project = read(resolve(file), root)
  throwAll(checkProject(project, root))
  return project
}

/** A playbook may give a key twice, as with Ansible; here a whole server would be gone without a word. */
function twice({ message, at }: SourceWarning): MlopsError {
  return new MlopsError('project.twice', message.replace(/; the last.*/, ''), { at, hint: 'give it once' })
}

/** The project of the folder or of the file that is named. Throws `project.none` when there is none. */
export function requireProject(directory: string, file?: string): Project {
  const found = file ?? findProject(directory)
  if (found !== undefined) return loadProject(found)
  throw new MlopsError('project.none', `there is no ${PROJECT_FILE} here or above`, {
    hint: 'mlops init writes one; --project FILE names one',
  })
}

/** The root fits the schema: what is read here has the type that the schema says. */
function read(file: string, root: SourceNode): Project {
  const directory = dirname(file)
  const name = string(root, 'name') ?? ''
  const provider = readProvider(root) ?? 'docker'
  const docker = readDocker(at(root, ['docker']))
  const image = string(at(root, ['openstack']), 'image') ?? ''
  const qemu = readQemu(at(root, ['qemu']))
  const images = { docker: docker.image, qemu: qemu.image, openstack: image, static: docker.image }
  const servers = entries(root, 'servers').map(entry => readServer(entry, { directory, provider, images }))
  const services = entries(root, 'services').map(readService)
  return {
    file,
    directory,
    name,
    target: targetOf(root),
    provider,
    docker,
    qemu,
    openstack: openStackOf(root, servers),
    servers,
    services,
    app: readApp(at(root, ['app']), name),
    delivery: readDelivery(at(root, ['delivery']), servers, services),
    kubernetes: readKubernetes(root, directory),
    swarm: readSwarm(root),
    vars: readVars(root),
  }
}

function readDocker(node: SourceNode | undefined): DockerSettings {
  return {
    image: string(node, 'image') ?? 'debian-13',
    subnet: string(node, 'subnet') ?? '10.77.0.0/24',
    mtu: number(node, 'mtu') ?? 1500,
    memory: string(node, 'memory'),
    cpus: number(node, 'cpus'),
    dns: strings(node, 'dns') ?? [],
    registryMirror: readMirror(node),
  }
}

function openStackOf(root: SourceNode, servers: readonly ServerSpec[]): OpenStackSettings | undefined {
  const own = new Set(servers.filter(({ provider }) => provider === 'openstack').map(({ name }) => name))
  const nodes = entries(root, 'servers').filter(({ key }) => own.has(String(key.value)))
  return own.size === 0
    ? undefined
    : readOpenStack(root, new Map(nodes.map(({ key, value }) => [String(key.value), value])))
}

function readMirror(docker: SourceNode | undefined): RegistryMirror {
  const node = docker && at(docker, ['registry_mirror'])
  const value =
    node?.kind === 'map' ? (string(node, 'url') ?? (boolean(node, 'local') ? 'local' : 'none')) : scalar(node)
  if (value === undefined || value === 'none') return { kind: 'none' }
  return value === 'local' ? { kind: 'local' } : { kind: 'url', url: String(value) }
}

function readServer(
  { key, value }: Entry,
  defaults: { directory: string; provider: ProviderName; images: Readonly<Record<ProviderName, string>> },
): ServerSpec {
  const provider = readProvider(value) ?? defaults.provider
  const userData = string(value, 'user_data')
  const privateKey = string(value, 'private_key')
  return {
    name: String(key.value),
    provider,
    image: string(value, 'image') ?? defaults.images[provider],
    userDataFile: userData && resolve(defaults.directory, userData),
    user: string(value, 'user') ?? 'appuser',
    groups: strings(value, 'groups') ?? ['servers'],
    address: string(value, 'address'),
    port: number(value, 'port') ?? 22,
    hostKey: string(value, 'host_key'),
    privateKeyFile: privateKey && resolve(defaults.directory, privateKey.replace(/^~(?=\/)/, process.env.HOME ?? '~')),
    vars: readVars(value),
    at: key.at,
  }
}

function readService({ key, value }: Entry): ServiceSpec {
  const servers = strings(value, 'servers') ?? [string(value, 'server') ?? '']
  return {
    name: String(key.value),
    servers,
    server: servers[0] ?? '',
    port: number(value, 'port'),
    health: string(value, 'health'),
    replicas: number(value, 'replicas') ?? servers.length,
    maxReplicas: number(value, 'max_replicas'),
    aliases: strings(value, 'aliases') ?? [],
    at: key.at,
  }
}

function readApp(node: SourceNode | undefined, name: string): AppSettings {
  return {
    directory: string(node, 'directory') ?? `/srv/${name}`,
    composeProject: string(node, 'compose_project') ?? name,
  }
}

/** Without a word about it, what serves the web takes the pushes of the first other server. */
function readDelivery(
  node: SourceNode | undefined,
  servers: readonly ServerSpec[],
  services: readonly ServiceSpec[],
): DeliverySettings {
  const web = services.find(service => service.name === 'web')?.server
  const to = string(node, 'to') ?? web ?? servers[0]?.name ?? ''
  const serving = appServers({ servers, services })
  const user = servers.find(server => server.name === to)?.user ?? 'appuser'
  return {
    from: string(node, 'from') ?? servers.find(server => server.name !== to && !serving.includes(server.name))?.name,
    to,
    repository: string(node, 'repository') ?? `${user === 'root' ? '/root' : `/home/${user}`}/my_project`,
    branches: strings(node, 'branches') ?? ['master', 'main'],
    model: string(node, 'model') ?? 'diabetes',
    maxDrop: number(node, 'max_drop') ?? 5,
    level: number(node, 'level') ?? 0.05,
    keep: number(node, 'keep') ?? 10,
  }
}

function readVars(node: SourceNode): Readonly<Record<string, unknown>> {
  return Object.fromEntries(entries(node, 'vars').map(({ key, value }) => [String(key.value), data(value)]))
}

function readProvider(node: SourceNode): ProviderName | undefined {
  const value = string(node, 'provider')
  return value === 'docker' || value === 'qemu' || value === 'static' || value === 'openstack' ? value : undefined
}

function entries(node: SourceNode, name: string): readonly Entry[] {
  const map = at(node, [name])
  return map?.kind === 'map' ? map.entries : []
}

function scalar(node: SourceNode | undefined): unknown {
  return node?.kind === 'scalar' ? node.value : undefined
}

function valueAt(node: SourceNode | undefined, name: string): unknown {
  return node && scalar(at(node, [name]))
}

function string(node: SourceNode | undefined, name: string): string | undefined {
  const value = valueAt(node, name)
  return typeof value === 'string' ? value : undefined
}

function number(node: SourceNode | undefined, name: string): number | undefined {
  const value = valueAt(node, name)
  return value === undefined || value === null ? undefined : Number(value)
}

function boolean(node: SourceNode | undefined, name: string): boolean {
  return valueAt(node, name) === true
}

function strings(node: SourceNode | undefined, name: string): string[] | undefined {
  const list = node && at(node, [name])
  return list?.kind === 'seq' ? list.items.map(item => String(scalar(item))) : undefined
}
