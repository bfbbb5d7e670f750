import { createHash } from 'node:crypto'
import { stringify } from 'yaml'
import { type Blueprint, digestLabel, nodeLabel, type Scaled } from './blueprint.ts'

/** A stack file, as `docker stack deploy` takes it: version 3.8. */
export interface StackFile {
  readonly version: '3.8'
  readonly services: Readonly<Record<string, StackService>>
  readonly networks: Readonly<Record<string, unknown>>
  readonly volumes: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, unknown>>
  readonly configs: Readonly<Record<string, { readonly name: string; readonly [key: string]: unknown }>>
}

export interface StackService {
  readonly image: string
  readonly deploy: { readonly replicas?: number; readonly labels?: unknown; readonly [key: string]: unknown }
  readonly [key: string]: unknown
}

/** What the broker lets in, and how web and workers reach it: made in the swarm, never on disk. */
export const secretNames = (project: string) => ({ account: `${project}_broker`, url: `${project}_amqp-url` })

/**
 * The stack of a blueprint: the same for the same. Models are `files` beside the stack file, or `external`: configs that the swarm has.
 * Services are found by the addresses of their containers (`dnsrr`), and ports are those of the servers (`mode: host`): the ways of a
 * swarm that need nothing of the kernel.
 */
export function stackOf(blueprint: Blueprint, models: 'files' | 'external'): StackFile {
  const secrets = secretNames(blueprint.project)
  const services = { proxy: proxy(blueprint), web: web(blueprint), worker: worker(blueprint), rabbit: rabbit() }
  const files = blueprint.models.flatMap(model => model.files.map(file => ({ model, file })))
  return {
    version: '3.8',
    services: Object.fromEntries(Object.entries(services).map(([name, service]) => [name, digested(service)])),
    networks: {
      default: {
        driver: 'overlay',
        driver_opts: {
          'com.docker.network.driver.mtu': String(blueprint.mtu),
          ...(blueprint.encrypted ? { encrypted: '' } : {}),
        },
      },
    },
    volumes: { rabbit: {} },
    secrets: {
      broker: { external: true, name: secrets.account },
      'amqp-url': { external: true, name: secrets.url },
    },
    configs: Object.fromEntries(
      files.map(({ model, file }) => [
        file.config,
        models === 'external'
          ? { external: true, name: file.config }
          : { file: `./models/${model.name}/${file.name}`, name: file.config },
      ]),
    ),
  }
}

/** A stack as YAML: keys in the order in which they were given, no line folded. */
export function stackText(stack: StackFile): string {
  return stringify(stack, { lineWidth: 0, aliasDuplicateObjects: false })
}

/** The same stack with other numbers of copies. */
export function withReplicas(stack: StackFile, numbers: Readonly<Record<string, number>>): StackFile {
  const services = Object.entries(stack.services).map(([name, service]) => {
    const replicas = numbers[name]
    if (replicas === undefined || service.deploy.replicas === undefined) return [name, service]
    return [name, { ...service, deploy: { ...service.deploy, replicas } }]
  })
  return { ...stack, services: Object.fromEntries(services) }
}

/** What identifies how a service is asked for; its number of copies, and how it is replaced, apart. */
export function digestOf({ deploy, ...rest }: StackService): string {
  const { replicas, labels, update_config, rollback_config, ...settings } = deploy
  return createHash('sha256')
    .update(JSON.stringify({ ...rest, deploy: settings }))
    .digest('hex')
    .slice(0, 16)
}

function digested(service: StackService): StackService {
  return { ...service, deploy: { ...service.deploy, labels: { [digestLabel]: digestOf(service) } } }
}

const logging = { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } }
/** Nothing of a container's root can be written, and no power of root is left. */
const locked = { init: true, read_only: true, cap_drop: ['ALL'] }
const tmp = { type: 'tmpfs', target: '/tmp' }
const again = { condition: 'any', delay: '2s' }
/** For what only one can have: the old one leaves before the new one comes. */
const oneAfterTheOther = {
  update_config: { parallelism: 1, order: 'stop-first', failure_action: 'rollback', monitor: '5s' },
  rollback_config: { parallelism: 1, order: 'stop-first' },
  restart_policy: again,
}

/** In front of web, once on each of its servers: users need one of the servers' addresses. */
function proxy({ directory, ports }: Blueprint): StackService {
  const published = [{ target: 5100, at: ports.web }, ...(ports.american ? [{ target: 5008, at: ports.american }] : [])]
  return {
    image: 'haproxy:lts',
    command: ['haproxy', '-W', '-db', '-f', '/proxy/haproxy.cfg'],
    // Root without any of its powers: the administrative socket is for root on the server alone.
    user: '0:0',
    ...locked,
    ports: published.map(({ target, at }) => ({ target, published: at, protocol: 'tcp', mode: 'host' })),
    // Settings that change are read again without a connection lost; a config of the swarm would need another container.
    volumes: [{ type: 'bind', source: `${directory}/proxy`, target: '/proxy' }],
    stop_grace_period: '30s',
    deploy: {
      mode: 'global',
      endpoint_mode: 'dnsrr',
      placement: { constraints: [mayRun('proxy')] },
      // The old one has to leave the port before the new one can have it.
      ...oneAfterTheOther,
    },
    logging,
  }
}

function web(blueprint: Blueprint): StackService {
  return {
    ...application(blueprint),
    command: ['web'],
    environment: {
      ...environment(blueprint),
      DRAIN_MS: '1500',
      // A broker that starts again is waited for, by as many as its queue may hold.
      RPC_TIMEOUT_MS: '30000',
      MAX_PENDING: '10000',
    },
    deploy: rolling(blueprint, 'web'),
    logging,
  }
}

function worker(blueprint: Blueprint): StackService {
  const { models } = blueprint
  return {
    ...application(blueprint),
    command: ['worker'],
    environment: {
      ...environment(blueprint),
      MODEL_DIR: '/models/diabetes',
      AMERICAN_MODEL_DIR: '/models/american',
      HEALTH_FILE: '/tmp/healthy',
    },
    configs: models.flatMap(({ name, files }) =>
      files.map(file => ({ source: file.config, target: `/models/${name}/${file.name}` })),
    ),
    deploy: rolling(blueprint, 'worker'),
    logging,
  }
}

/** What web and worker have in common. The image says how their health is asked for. */
function application({ image }: Blueprint) {
  return {
    image,
    ...locked,
    secrets: [{ source: 'amqp-url', target: 'amqp-url', uid: '1000', gid: '1000', mode: 0o400 }],
    volumes: [tmp],
    stop_grace_period: '30s',
  }
}

function environment({ models }: Blueprint) {
  return { AMQP_URL_FILE: '/run/secrets/amqp-url', MODELS: models.map(({ name }) => name).join(',') }
}

/** Spread over the servers; replaced few by few, and all taken back when a new one is not well. */
function rolling({ replicas, perServer }: Blueprint, service: Scaled) {
  const most = perServer[service]
  // There is no request without a web: the new one is well before the old one goes. Jobs wait for a worker: the old one goes first,
  // so that each new one comes to where there is room, and all servers have as many as before.
  const order = updateOrder[service]
  return {
    mode: 'replicated',
    replicas: replicas[service],
    endpoint_mode: 'dnsrr',
    placement: {
      constraints: [mayRun(service)],
      preferences: [{ spread: 'node.id' }],
      // While a rollout goes on, there is one more of them.
      ...(most === undefined ? {} : { max_replicas_per_node: most + 1 }),
    },
    update_config: { parallelism: atOnce(replicas[service]), order, failure_action: 'rollback', monitor: '5s' },
    rollback_config: { parallelism: atOnce(replicas[service]), order },
    restart_policy: again,
  }
}

/** How many of so many copies are replaced at once: a quarter, so that the others do. */
export function atOnce(replicas: number): number {
  return Math.max(1, Math.floor(replicas / 4))
}

/** What of a copy comes first when it is replaced. */
export const updateOrder = { web: 'start-first', worker: 'stop-first' } as const satisfies Record<Scaled, string>

/** The one broker, where its volume is. */
function rabbit(): StackService {
  return {
    image: 'rabbitmq:3-management',
    // Its data lies under this name.
    hostname: 'rabbit',
    secrets: [{ source: 'broker', target: '/etc/rabbitmq/conf.d/90-account.conf' }],
    volumes: [{ type: 'volume', source: 'rabbit', target: '/var/lib/rabbitmq' }],
    healthcheck: {
      // The broker opens its port when it is ready. Its own diagnostics cost a second of processor each time.
      test: ['CMD', 'bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/5672'],
      interval: '3s',
      timeout: '5s',
      retries: 40,
      start_period: '10s',
    },
    stop_grace_period: '30s',
    deploy: {
      mode: 'replicated',
      replicas: 1,
      endpoint_mode: 'dnsrr',
      placement: { constraints: [mayRun('rabbit')] },
      // Two brokers cannot have one volume.
      ...oneAfterTheOther,
    },
    logging,
  }
}

function mayRun(service: string): string {
  return `node.labels.${nodeLabel(service)} == yes`
}
