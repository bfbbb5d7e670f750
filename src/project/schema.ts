import type { JsonSchema } from '../schema/validate.ts'
import { kubernetesSchema } from './kubernetes-schema.ts'
import { swarmSchema } from './swarm.ts'

const text = (description: string) => ({ type: 'string', minLength: 1, description })
const texts = (description: string) => ({ type: 'array', items: { type: 'string', minLength: 1 }, description })
const provider = (description: string) => ({ enum: ['docker', 'qemu', 'static', 'openstack'], description })
const port = (description: string) => ({ type: 'integer', minimum: 1, maximum: 65535, description })
const vars = (description: string) => ({ type: ['object', 'null'], description })

const registryMirror = {
  description: 'registry_mirror is `none`, `local`, or the URL of a mirror',
  anyOf: [
    { type: 'string', pattern: '^(none|local|https?://\\S+)$', description: '`none`, `local`, or a URL' },
    {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 1,
      properties: {
        local: { type: 'boolean', description: 'a registry of our own beside the servers' },
        url: { type: 'string', pattern: '^https?://\\S+$', description: 'the URL of a mirror that exists' },
      },
    },
  ],
}

const docker = {
  type: 'object',
  description: 'how provider `docker` makes servers',
  additionalProperties: false,
  properties: {
    image: text('the image of servers that name none: debian-13, debian-12, or a Docker image'),
    subnet: {
      type: 'string',
      pattern: '^\\d{1,3}(\\.\\d{1,3}){3}/(1[6-9]|2[0-8])$',
      description: 'an IPv4 network between /16 and /28, such as 10.77.0.0/24',
    },
    mtu: { type: 'integer', minimum: 576, maximum: 9000, description: "the MTU of the servers' network, in bytes" },
    memory: {
      type: 'string',
      pattern: '^[1-9]\\d*[bkmg]$',
      description: 'a limit for each server with its unit, such as 2g or 512m',
    },
    cpus: { type: 'number', exclusiveMinimum: 0, description: 'a limit for each server, in cores' },
    dns: texts('resolvers of the servers; by default those of this machine'),
    registry_mirror: registryMirror,
  },
}

const openstackServer = {
  image: text('the image, by name or id'),
  flavor: { type: ['string', 'integer'], description: 'the flavor, by name or id, such as ssc.medium' },
  network: text('the network, by name or id'),
  security_groups: {
    ...texts('security groups, by name or id; by default one of our own, with ports 22, 5100 and 5008'),
    minItems: 1,
  },
  key_pair: text('a key pair that the cloud knows; by default one of our own, of the cluster key'),
  floating_ip: {
    type: ['boolean', 'string'],
    minLength: 1,
    description: 'floating_ip is true, false, or the name of the external network that it comes from',
  },
  boot_volume: { type: 'integer', minimum: 1, description: 'the size of a volume to boot from, in GB' },
  availability_zone: text('the availability zone'),
}

const openstack = {
  type: 'object',
  description: 'how provider `openstack` makes servers',
  additionalProperties: false,
  properties: {
    cloud: text('a cloud of clouds.yaml; by default OS_CLOUD, or the OS_* variables of an RC file'),
    region: text('the region'),
    ...openstackServer,
  },
}

const qemu = {
  type: 'object',
  description: 'how provider `qemu` makes servers',
  additionalProperties: false,
  properties: {
    image: text('the image of servers that name none: debian-13, debian-12, a qcow2 file, or URL#sha256=DIGEST'),
    subnet: {
      type: 'string',
      pattern: '^(\\d{1,3}\\.){3}0/24$',
      description: 'an IPv4 network of 256 addresses, such as 10.78.0.0/24',
    },
    memory: {
      type: 'string',
      pattern: '^[1-9]\\d*[mg]$',
      description: 'the memory of each server with its unit, such as 2g or 512m',
    },
    cpus: { type: 'integer', minimum: 1, maximum: 64, description: 'the processors of each server' },
    disk: { type: 'string', pattern: '^[1-9]\\d*g$', description: 'the size that a disk may grow to, such as 20g' },
    ports: {
      type: 'array',
      items: port('a port'),
      description: 'ports of the servers that this machine can reach, beside those of services',
    },
    accel: {
      enum: ['kvm', 'tcg'],
      description: 'what runs the servers; by default KVM where it works, else emulation',
    },
  },
}

const server = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    provider: provider('who makes this server'),
    image: text('debian-13, debian-12, or a Docker image; for openstack an image of the cloud'),
    user_data: text('the cloud-init file of this server, seen from mlops.yml'),
    user: text('the user to log in as'),
    groups: texts('groups of the inventory'),
    address: text('the address; must be given for `static`'),
    port: port('the port of sshd'),
    host_key: {
      type: 'string',
      pattern: '^(ssh|ecdsa)-[\\w@.-]+ [A-Za-z0-9+/=]+',
      description: 'the public host key, as in known_hosts without the name: `ssh-ed25519 AAAA…`',
    },
    private_key: text('the private key to log in with; by default the cluster key'),
    openstack: {
      type: 'object',
      description: 'what this server has otherwise than `openstack` says for all',
      additionalProperties: false,
      properties: openstackServer,
    },
    vars: vars('variables of this host'),
  },
}

const service = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    server: text('the server it runs on'),
    servers: { ...texts('the servers it runs on, when there are several'), minItems: 1 },
    port: port('where it answers on its server'),
    health: { type: 'string', pattern: '^/', description: 'the path of its health check, such as /healthz' },
    replicas: { type: 'integer', minimum: 0, maximum: 100, description: 'how many of it run' },
    max_replicas: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      description: 'how many of it can run beside each other on one server',
    },
    aliases: texts('other names for it, such as worker_1'),
  },
}

const share = (description: string, maximum: number) => ({ type: 'number', minimum: 0, maximum, description })

const delivery = {
  type: 'object',
  description: 'how new models reach production',
  additionalProperties: false,
  properties: {
    from: text('the server that trains and pushes'),
    to: text('the server that takes pushes and serves'),
    repository: {
      type: 'string',
      pattern: '^/[^\\s]+$',
      description: 'the repository that is pushed to, on its server',
    },
    branches: { ...texts('the branches that go live when they are pushed'), minItems: 1 },
    model: text('the model that lies at the top of the repository'),
    max_drop: share('the percentage points that a new model may lose', 100),
    level: share('the level of the paired test: a loss less likely than this is no accident', 1),
    keep: { type: 'integer', minimum: 2, maximum: 1000, description: 'how many releases of a model are kept' },
  },
}

/** The JSON Schema of `mlops.yml`. */
export const projectSchema: JsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:mlops:project',
  title: 'mlops.yml',
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  if: { required: ['target'], properties: { target: { const: 'kubernetes' } } },
  else: { required: ['servers'] },
  properties: {
    name: {
      type: 'string',
      pattern: '^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$',
      description: 'a name of small letters, digits and `-`, at most 32 long: it marks what we make',
    },
    target: {
      enum: ['servers', 'swarm', 'kubernetes'],
      description: 'what runs the application: servers, the same as a Docker Swarm, or a Kubernetes cluster',
    },
    provider: provider('who makes the servers that name none'),
    docker,
    qemu,
    openstack,
    servers: {
      type: 'object',
      minProperties: 1,
      description: 'the servers by name, such as `servers: { prodserver: }`',
      additionalProperties: server,
    },
    services: { type: 'object', description: 'what runs where, by name', additionalProperties: service },
    app: {
      type: 'object',
      description: 'where the application lives on its servers',
      additionalProperties: false,
      properties: {
        directory: { type: 'string', pattern: '^/[^\\s]+$', description: 'an absolute folder on the servers' },
        compose_project: {
          type: 'string',
          pattern: '^[a-z0-9][a-z0-9_-]*$',
          description: "Compose's project name: small letters, digits, `-` and `_`",
        },
      },
    },
    delivery,
    kubernetes: kubernetesSchema,
    swarm: swarmSchema,
    vars: vars('variables for every play'),
  },
}
