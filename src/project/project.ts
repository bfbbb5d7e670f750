import type { Position } from '../errors.ts'
import type { KubernetesSettings, Target } from './kubernetes.ts'
import type { OpenStackSettings } from './openstack.ts'
import type { QemuSettings } from './qemu.ts'
import type { SwarmSettings } from './swarm.ts'

export type ProviderName = 'docker' | 'qemu' | 'static' | 'openstack'

/** What `mlops.yml` says, with its defaults filled in. Paths are absolute. */
export interface Project {
  /** The `mlops.yml` itself. */
  readonly file: string
  /** The folder of `mlops.yml`; `.mlops/` lies in it. */
  readonly directory: string
  /** Identifies what we make: labels, names of containers and networks. Lower-case letters, digits and `-`. */
  readonly name: string
  readonly target: Target
  readonly provider: ProviderName
  readonly docker: DockerSettings
  readonly qemu: QemuSettings
  /** undefined: no server is of provider `openstack`. */
  readonly openstack?: OpenStackSettings | undefined
  /** In the order of the file. */
  readonly servers: readonly ServerSpec[]
  /** In the order of the file. */
  readonly services: readonly ServiceSpec[]
  readonly app: AppSettings
  readonly delivery: DeliverySettings
  readonly kubernetes: KubernetesSettings
  readonly swarm: SwarmSettings
  /** Variables for every play of this project: below `-e`, above the inventory. */
  readonly vars: Readonly<Record<string, unknown>>
}

/** How provider `docker` makes servers. */
export interface DockerSettings {
  /** Image of servers that name none. */
  readonly image: string
  /** IPv4 network in CIDR notation. */
  readonly subnet: string
  /** MTU of the servers' network, in bytes. */
  readonly mtu: number
  /** Limit of each server as Docker writes it (`2g`); undefined: none. */
  readonly memory: string | undefined
  /** Limit of each server in cores; undefined: none. */
  readonly cpus: number | undefined
  /** Resolvers of the servers; empty: those of the controller. */
  readonly dns: readonly string[]
  readonly registryMirror: RegistryMirror
}

/** Where the servers' own Docker Engine gets images from. */
export type RegistryMirror =
  | { readonly kind: 'none' }
  /** A mirror that exists. */
  | { readonly kind: 'url'; readonly url: string }
  /** A registry of our own beside the servers. */
  | { readonly kind: 'local' }

/** One server that the project has. */
export interface ServerSpec {
  readonly name: string
  readonly provider: ProviderName
  /** `debian-13`, `debian-12`, or a Docker image; for `openstack` a name or id, empty: the only one there is. Means nothing to `static`. */
  readonly image: string
  /** cloud-init user data; undefined: the provider's own minimal one. */
  readonly userDataFile: string | undefined
  /** The login user. */
  readonly user: string
  /** Groups of the inventory; a group named as the server is added by the provider. */
  readonly groups: readonly string[]
  /** Given for `static`; for `docker` and `qemu` optional (undefined: the next free one). */
  readonly address: string | undefined
  readonly port: number
  /** `ssh-ed25519 AAAA…`, pinned before the first contact. */
  readonly hostKey: string | undefined
  /** Private key to log in with; undefined: the project's cluster key. */
  readonly privateKeyFile: string | undefined
  /** Host variables for the inventory. */
  readonly vars: Readonly<Record<string, unknown>>
  readonly at: Position
}

/** One part of the running predictor. The name is its Compose service. */
export interface ServiceSpec {
  readonly name: string
  /** Names in `servers`, at least one. */
  readonly servers: readonly string[]
  /** The first of them. */
  readonly server: string
  /** Where it answers on its server; undefined: not published. */
  readonly port: number | undefined
  /** Path of its health check over HTTP, asked for at `port`. */
  readonly health: string | undefined
  /** The number on all servers together that `mlops.yml` asks for; `mlops scale` remembers another one (`state.ts`, `readReplicas`). */
  readonly replicas: number
  /** How many can run beside each other on one server: 1 for what keeps state, such as a broker; undefined: any number. */
  readonly maxReplicas: number | undefined
  /** Other names that people use for it (`worker_1`). */
  readonly aliases: readonly string[]
  readonly at: Position
}

/** Where the application lives on its servers. */
export interface AppSettings {
  /** Remote folder of the Compose file. */
  readonly directory: string
  /** Compose's project name. */
  readonly composeProject: string
}

/** How new models reach production. */
export interface DeliverySettings {
  /** The server that trains and pushes; undefined: none does. */
  readonly from: string | undefined
  /** The server that takes pushes and serves. */
  readonly to: string
  /** Folder of the repository on its server; the same on both. */
  readonly repository: string
  /** Branches that go live when they are pushed. */
  readonly branches: readonly string[]
  /** The model at the top of the repository. */
  readonly model: string
  /** Percentage points that a new model may lose. */
  readonly maxDrop: number
  /** Level of the paired test, between 0 and 1. */
  readonly level: number
  /** Releases of each model that are kept. */
  readonly keep: number
}

/** The server of that name, or undefined. */
export function serverOf(project: Project, name: string): ServerSpec | undefined {
  return project.servers.find(server => server.name === name)
}

/** The service of that name or alias, or undefined. */
export function serviceOf(project: Project, name: string): ServiceSpec | undefined {
  return (
    project.services.find(service => service.name === name) ??
    project.services.find(service => service.aliases.includes(name))
  )
}
