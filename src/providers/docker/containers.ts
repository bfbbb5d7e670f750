import type { Project, ServerSpec } from '../../project/project.ts'
import type { Server } from '../provider.ts'
import { docker, dockerLines } from './engine.ts'
import * as label from './labels.ts'

/** A server's container, as the engine has it. */
export interface Container {
  readonly id: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Docker's word: created, running, restarting, exited, … */
  readonly status: string
  readonly createdAt: string
}

/** The containers of a project. */
export async function containersOf(project: Project): Promise<Container[]> {
  return inspect(await dockerLines(['ps', '--all', '--quiet', '--no-trunc', ...label.ownFilter(project)]))
}

/** Containers by name or id. All must exist. */
export async function inspect(names: readonly string[]): Promise<Container[]> {
  if (names.length === 0) return []
  // Docker's own JSON (API, ContainerInspect).
  const found = JSON.parse(await docker(['inspect', '--type', 'container', ...names])) as Inspected[]
  return found.map(({ Id, Name, Config, State, Created }) => ({
    id: Id,
    name: Name.replace(/^\//, ''),
    labels: Config.Labels ?? {},
    status: State.Status,
    createdAt: Created,
  }))
}

interface Inspected {
  Id: string
  Name: string
  Created: string
  Config: { Labels: Record<string, string> | null }
  State: { Status: string }
}

export function containerName(project: Pick<Project, 'name'>, server: string): string {
  return `${project.name}-${server}`
}

export function networkName(project: Pick<Project, 'name'>): string {
  return `${project.name}-net`
}

/** Address and port under which `mlops` reaches a server, from its label (`10.77.0.11`, `127.0.0.1:2201`). */
export function parseAddress(text: string): { address: string; port: number } {
  const [address = '', port] = text.split(':')
  return { address, port: port === undefined ? 22 : Number(port) }
}

/** The server that a container is. `ready` holds the ids of containers that were seen ready. */
export function toServer(container: Container, ready: ReadonlySet<string>, privateKeyFile: string): Server {
  const { labels } = container
  return {
    name: labels[label.SERVER] ?? container.name,
    provider: 'docker',
    ...parseAddress(labels[label.ADDRESS] ?? ''),
    user: labels[label.USER] ?? '',
    hostKey: labels[label.HOST_KEY],
    privateKeyFile,
    image: labels[label.SERVER_IMAGE],
    state: container.status !== 'running' ? 'stopped' : ready.has(container.id) ? 'ready' : 'unfinished',
    createdAt: container.createdAt,
  }
}

export interface ContainerOptions {
  readonly project: Project
  readonly spec: ServerSpec
  /** In the servers' network. */
  readonly address: string
  /** A port of 127.0.0.1 that leads to sshd; undefined: the address itself can be reached. */
  readonly publishedPort: number | undefined
  readonly capabilities: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** Names that the registry is known by, and its address. */
  readonly hosts: readonly string[]
  readonly dns: readonly string[]
  readonly image: string
}

/** The arguments of `docker create` for a server. */
export function createArguments(options: ContainerOptions): string[] {
  const { project, spec, publishedPort } = options
  const name = containerName(project, spec.name)
  const volume = (use: string, path: string) => [
    '--mount',
    // Labels of volumes that are made by `--mount` are given with it.
    [
      `type=volume,src=${name}-${use},dst=${path}`,
      ...Object.entries(label.ownLabels(project)).map(([key, value]) => `volume-label=${key}=${value}`),
      `volume-label=${label.SERVER}=${spec.name}`,
    ]
      .map(quoteField)
      .join(','),
  ]
  return [
    ...['create', '--name', name, '--hostname', spec.name, '--restart', 'unless-stopped'],
    ...label.labelArguments(options.labels),
    ...['--network', networkName(project), '--ip', options.address],
    ...(publishedPort === undefined ? [] : ['--publish', `127.0.0.1:${publishedPort}:22`]),
    ...options.capabilities,
    ...['--security-opt', 'seccomp=unconfined', '--security-opt', 'apparmor=unconfined', '--cgroupns', 'private'],
    ...['--tmpfs', '/run', '--tmpfs', '/run/lock'],
    // The server's own Docker Engine cannot put an overlay on an overlay.
    ...volume('docker', '/var/lib/docker'),
    ...volume('containerd', '/var/lib/containerd'),
    ...(project.docker.memory === undefined ? [] : ['--memory', project.docker.memory]),
    ...(project.docker.cpus === undefined ? [] : ['--cpus', String(project.docker.cpus)]),
    ...options.hosts.flatMap(host => ['--add-host', host]),
    ...['--env', `MLOPS_DNS=${options.dns.join(' ')}`],
    options.image,
  ]
}

/** One field of `--mount`, which Docker reads as CSV (RFC 4180). */
function quoteField(field: string): string {
  return /[",]/.test(field) && !field.startsWith('type=') ? `"${field.replaceAll('"', '""')}"` : field
}
