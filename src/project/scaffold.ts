import type { ProviderName } from './project.ts'

export interface ScaffoldOptions {
  readonly name: string
  readonly provider: ProviderName
  /** Whether the servers become a Docker Swarm, or are a production and a development server. */
  readonly target?: 'servers' | 'swarm' | undefined
  /** Folder of the predictor on this machine; undefined: the one beside the playbooks. */
  readonly appSource?: string | undefined
  /** The servers' network, for provider `docker`. */
  readonly subnet?: string | undefined
}

/** A commented `mlops.yml` for a new folder: valid as it stands. */
export function scaffold(options: ScaffoldOptions): string {
  const { name, provider, target = 'servers', appSource, subnet = '10.77.0.0/24' } = options
  const app =
    appSource === undefined
      ? ''
      : `  # The predictor on this machine: a folder with Dockerfile, dist/, models/ and data/.\n  app_source: ${JSON.stringify(appSource)}\n`
  return `# What there is and what runs where. All keys: docs/guide/project-file.md
name: ${name}
${target === 'swarm' ? 'target: swarm\n' : ''}provider: ${provider}
${settingsOf(provider, subnet)}
${serversOf(provider, names[target])}
services:
${services[target]}

app:
  directory: /srv/${name}

vars:
  # Which models are served, and a port that leads to the same for clients of the tweet API (false: none).
  served_models: [diabetes, american]
  american_port: 5008
${app}`
}

const names = { servers: ['prodserver', 'devserver'], swarm: ['prod1', 'prod2', 'prod3'] } as const

const services = {
  servers: `  # What users reach: copies of web come and go behind it.
  proxy: { server: prodserver, port: 5100, health: /healthz, max_replicas: 1 }
  web: { server: prodserver, replicas: 1 }
  worker: { server: prodserver, replicas: 1, aliases: [worker_1] }
  rabbit: { server: prodserver, max_replicas: 1 }`,
  swarm: `  # Where they may run. The proxy is what users reach, on each of these servers; replicas count on all of them together.
  proxy: { servers: [prod1, prod2, prod3], port: 5100, health: /healthz }
  web: { servers: [prod1, prod2, prod3], replicas: 3 }
  worker: { servers: [prod1, prod2, prod3], replicas: 3, aliases: [worker_1] }
  rabbit: { server: prod1 }`,
} as const

export interface ClusterScaffold extends Pick<ScaffoldOptions, 'name'> {
  readonly image?: string | undefined
  readonly repository?: string | undefined
}

/** A commented `mlops.yml` for a project that a Kubernetes cluster runs, in the shape of the tweet brief: valid as it stands. */
export function clusterScaffold({ name, image, repository }: ClusterScaffold): string {
  const text = (value: string) => (/^[\w./@:-]+$/.test(value) ? value : JSON.stringify(value))
  const publish = `  publish: { repository: ${text(repository ?? 'git@git.example.org:team/specs.git')} }`
  return `# What runs on the cluster, and where it comes from. All keys: docs/guide/kubernetes.md
name: ${name}
target: kubernetes

kubernetes:
  # A namespace and a context of the kubeconfig; without them, its own.
  # namespace: student
  # context: school
  # Without a tag: what mlops image build --push made last. With one: that.
  image: ${text(image ?? 'registry.example.org/team/predictor')}
  models:
    # mlops train american --model-dir models/american
    american: { folder: models/american }
  # The Git repository that Argo CD watches: mlops deploy commits to it. Without it, mlops deploy applies to the cluster.
${repository === undefined ? publish.replace(/^ {2}/, '  # ') : publish}

services:
  # How many pods, and how many at most when they have much to do.
  web: { replicas: 2, max_replicas: 6 }

vars:
  # The tweet API alone: web, worker and queue in one pod. [diabetes, american] runs web, worker and broker apart.
  served_models: [american]
  # The code that mlops image build makes an image of; without it a folder app beside this file, else the predictor that comes with mlops.
  # app_source: predictor
`
}

/** A project's name from a folder's: small letters, digits and \`-\`. */
export function nameFrom(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 32)
    .replace(/-+$/, '')
  return name === '' ? 'predictor' : name
}

function settingsOf(provider: ProviderName, subnet: string): string {
  switch (provider) {
    case 'docker':
      return dockerSettings(subnet)
    case 'qemu':
      return qemuSettings
    case 'openstack':
      return openstackSettings
    case 'static':
      return ''
    default:
      throw new TypeError(`no such provider: ${provider satisfies never}`)
  }
}

function serversOf(provider: ProviderName, names: readonly string[]): string {
  if (provider !== 'static') {
    const server = (name: string) =>
      `  ${name}: { user_data: cloud-init/${name.startsWith('prod') ? 'prod' : 'dev'}.yml }\n`
    return `servers:\n${names.map(server).join('')}`
  }
  const server = (name: string, i: number) => `  ${name}: { address: 192.0.2.${10 + i}, user: appuser }\n`
  return `# Servers that exist: put in their addresses. Their host keys are looked up in ~/.ssh/known_hosts,
# or given here: host_key: ssh-ed25519 AAAA...
servers:
${names.map(server).join('')}`
}

const dockerSettings = (subnet: string) => `
docker:
  image: debian-13
  # A network that nothing else on this machine uses.
  subnet: ${subnet}
  # Packets no larger than your real network takes (1450 on many clouds).
  mtu: 1500
  # Serves images to the servers where they cannot pull any: none, local, or the URL of a mirror.
  registry_mirror: none
`

const qemuSettings = `
qemu:
  # debian-13, debian-12, a disk image, or https://…#sha256=DIGEST.
  image: debian-13
  # Of each server.
  memory: 2g
  cpus: 2
`

const openstackSettings = `
# Who you are says the RC file of your project, or a clouds.yaml. All keys: docs/guide/openstack.md
openstack:
  # By name or id. What is left out is chosen where there is only one.
  # image: debian-12
  # flavor: ssc.medium
  # network: my-network
  # true: an address that can be reached from outside the cloud's network.
  floating_ip: false
`
