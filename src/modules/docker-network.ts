import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { defineState, type Plain } from './module.ts'
import { texts } from './parts/container-values.ts'
import { dockerArgs, dockerReady, engineAnswers, runDocker } from './parts/docker.ts'
import { dig, firstOf, listAt, recordAt, textAt } from './parts/json-path.ts'

const table = {
  name: { type: 'str', required: true, aliases: ['network_name'], doc: 'Name of the network.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether it is there.' },
  connected: {
    type: 'list',
    elements: 'str',
    aliases: ['containers'],
    doc: 'Containers that are in it; others are taken out, unless `appends`. Not given: none is touched.',
  },
  appends: { type: 'bool', default: false, aliases: ['incremental'], doc: 'Leaves further containers in it.' },
  driver: { type: 'str', default: 'bridge', doc: 'Its driver.' },
  driver_options: { type: 'dict', default: {}, doc: 'Options of the driver.' },
  force: { type: 'bool', default: false, doc: 'Makes it anew in any case.' },
  enable_ipv6: { type: 'bool', doc: 'Whether it has IPv6.' },
  enable_ipv4: { type: 'bool', doc: 'Whether it has IPv4; needs a new engine to be false.' },
  ipam_driver: { type: 'str', doc: 'Driver that gives addresses.' },
  ipam_driver_options: { type: 'dict', doc: 'Options of that driver.' },
  ipam_config: {
    type: 'list',
    elements: 'dict',
    doc: 'Its address ranges: `subnet`, `gateway`, `iprange`, `aux_addresses`.',
  },
  internal: { type: 'bool', doc: 'Cuts it off from other networks.' },
  attachable: { type: 'bool', doc: 'Lets single containers into a network of a swarm.' },
  ingress: { type: 'bool', doc: 'The network of a swarm that carries what is published.' },
  scope: { type: 'str', choices: ['local', 'global', 'swarm'], doc: 'How far it reaches.' },
  config_only: { type: 'bool', doc: 'It is only a configuration for others.' },
  config_from: { type: 'str', doc: 'The configuration it takes.' },
  labels: { type: 'dict', default: {}, doc: 'Labels.' },
  ...dockerArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>
type NetworkState = { readonly [key: string]: Plain | undefined }

export const dockerNetwork = defineState({
  summary: 'Makes and removes networks of containers, and says which containers are in them.',
  details:
    'A network that differs in what is asked for is made anew; the containers that were in it are connected again. What is not given is not compared.',
  args: table,
  examples: `
- name: A network of its own for the broker
  community.docker.docker_network:
    name: backend
    ipam_config:
      - subnet: 172.30.7.0/24
        gateway: 172.30.7.1
- docker_network:
    name: backend
    connected: [broker, web]
    appends: true
- docker_network:
    name: old
    state: absent
    force: true
`,
  returnDocs: { network: 'What the engine tells of the network.', actions: 'What was done, in words.' },
  check: args =>
    (args.ipam_config ?? []).flatMap(range =>
      Object.keys(range)
        .filter(key => !ranges.has(key))
        .map(key => `\`ipam_config\` has no \`${key}\``),
    ),
  look: args =>
    lines(
      dockerReady(args),
      section('network'),
      sh`docker network inspect -- ${args.name} 2>/dev/null
:`,
    ),
  read(output, args, { checkMode }): NetworkState | undefined {
    if (!engineAnswers(output, checkMode)) return undefined
    const network = firstOf(sections(output.stdout).get('network'))
    // The engine also answers to the beginning of an id.
    if (network === undefined || network.Name !== args.name) return undefined
    return { ...seen(args, network), connected: containers(network), found: network as Plain } // JSON of the engine
  },
  want(args, state): Partial<NetworkState> | undefined {
    if (args.state === 'absent') return undefined
    const now = listAt(state, 'connected').map(String)
    return {
      ...wanted(args),
      ...(args.force && state !== undefined ? { again: true } : {}),
      ...(args.connected === undefined
        ? {}
        : { connected: [...new Set([...args.connected, ...(args.appends ? now : [])])].sort() }),
    }
  },
  change(args, { from, to }) {
    const now = listAt(from, 'connected').map(String)
    const after = lines(section('after'), sh`docker network inspect -- ${args.name} 2>/dev/null || :`)
    const begin = lines(dockerReady(args), runDocker)
    if (to === undefined)
      return { script: lines(begin, leave(args, now), sh`run docker network rm -- ${args.name}`, after) }
    const again = from !== undefined && anew(from, to)
    const make = from === undefined || again
    const there = make ? [] : now
    const wantedIn = args.connected === undefined ? (again ? now : []) : listAt(to, 'connected').map(String)
    return {
      script: lines(
        begin,
        again && lines(leave(args, now), sh`run docker network rm -- ${args.name}`),
        make && sh`run docker network create ${words(args)} -- ${args.name}`,
        ...(args.connected === undefined
          ? []
          : there.filter(name => !wantedIn.includes(name)).map(name => disconnect(args.name, name))),
        ...wantedIn
          .filter(name => !there.includes(name))
          .map(name => sh`run docker network connect -- ${args.name} ${name}`),
        after,
      ),
    }
  },
  // `again` cannot be seen afterwards; a container may be gone by then.
  verify: false,
  returns(args, { from, to, changed, output }) {
    const network = output === undefined ? to?.found : firstOf(sections(output.stdout).get('after'))
    const again = from !== undefined && to !== undefined && anew(from, to)
    const done =
      args.state === 'absent' ? 'Removed' : from === undefined ? 'Created' : again ? 'Created anew' : 'Connected'
    return { network: network ?? {}, actions: changed ? [`${done} network ${args.name}`] : [] }
  },
})

const ranges = new Set(['subnet', 'gateway', 'iprange', 'aux_addresses'])

function anew(from: NetworkState, to: Partial<NetworkState>): boolean {
  return Object.keys(to).some(
    key => key !== 'connected' && key !== 'found' && JSON.stringify(from[key]) !== JSON.stringify(to[key]),
  )
}

function containers(network: unknown): string[] {
  return Object.values(recordAt(network, 'Containers'))
    .map(container => textAt(container, 'Name'))
    .sort()
}

function leave({ name }: Args, names: readonly string[]): Script {
  return lines(...names.map(container => disconnect(name, container)))
}

function disconnect(network: string, container: string): Script {
  return sh`run docker network disconnect --force -- ${network} ${container}`
}

/** What is asked for, in the form of `seen`. */
function wanted(args: Args): NetworkState {
  return defined({
    driver: args.config_from === undefined ? args.driver : undefined,
    driver_options: texts(args.driver_options),
    labels: sorted(texts(args.labels)),
    enable_ipv6: args.enable_ipv6,
    enable_ipv4: args.enable_ipv4,
    internal: args.internal,
    attachable: args.attachable,
    ingress: args.ingress,
    scope: args.scope,
    config_only: args.config_only,
    config_from: args.config_from,
    ipam_driver: args.ipam_driver,
    ipam_driver_options: args.ipam_driver_options && sorted(texts(args.ipam_driver_options)),
    ipam_config: args.ipam_config?.map(range => rangeText(range)).sort(),
  })
}

function seen(args: Args, network: unknown): NetworkState {
  const only = (values: Readonly<Record<string, unknown>>, asked: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(texts(values)).filter(([key]) => Object.hasOwn(asked, key)))
  return {
    driver: textAt(network, 'Driver'),
    driver_options: inOrder(only(recordAt(network, 'Options'), args.driver_options), args.driver_options),
    labels: sorted(only(recordAt(network, 'Labels'), args.labels)),
    enable_ipv6: dig(network, 'EnableIPv6') === true,
    enable_ipv4: dig(network, 'EnableIPv4') !== false,
    internal: dig(network, 'Internal') === true,
    attachable: dig(network, 'Attachable') === true,
    ingress: dig(network, 'Ingress') === true,
    scope: textAt(network, 'Scope'),
    config_only: dig(network, 'ConfigOnly') === true,
    config_from: textAt(network, 'ConfigFrom.Network'),
    ipam_driver: textAt(network, 'IPAM.Driver'),
    ipam_driver_options: sorted(texts(recordAt(network, 'IPAM.Options'))),
    ipam_config: listAt(network, 'IPAM.Config')
      .map((range, i) =>
        rangeText(
          {
            subnet: dig(range, 'Subnet'),
            gateway: dig(range, 'Gateway'),
            iprange: dig(range, 'IPRange'),
            aux_addresses: dig(range, 'AuxiliaryAddresses'),
          },
          args.ipam_config?.find(each => each.subnet === dig(range, 'Subnet')) ?? args.ipam_config?.[i],
        ),
      )
      .sort(),
  }
}

/** A range in one text; of what is seen, only what is asked for too. */
function rangeText(range: Readonly<Record<string, unknown>>, asked: Readonly<Record<string, unknown>> = range): string {
  return ['subnet', 'gateway', 'iprange']
    .filter(key => asked[key])
    .map(key => `${key}=${String(range[key] ?? '').toLowerCase()}`)
    .concat(asked.aux_addresses ? [JSON.stringify(sorted(texts(recordAt(range, 'aux_addresses'))))] : [])
    .join(' ')
}

function words(args: Args): string[] {
  const pairs = (option: string, values: Readonly<Record<string, unknown>> | undefined) =>
    Object.entries(texts(values)).flatMap(([key, value]) => [option, `${key}=${value}`])
  const flag = (option: string, value: boolean | undefined) => (value === undefined ? [] : [`${option}=${value}`])
  const text = (option: string, value: unknown) => (value ? [option, String(value)] : [])
  return [
    ...(args.config_from === undefined ? ['--driver', args.driver] : []),
    ...pairs('--opt', args.driver_options),
    ...pairs('--label', args.labels),
    ...flag('--ipv6', args.enable_ipv6),
    ...flag('--ipv4', args.enable_ipv4),
    ...flag('--internal', args.internal),
    ...flag('--attachable', args.attachable),
    ...flag('--ingress', args.ingress),
    ...text('--scope', args.scope),
    ...flag('--config-only', args.config_only),
    ...text('--config-from', args.config_from),
    ...text('--ipam-driver', args.ipam_driver),
    ...pairs('--ipam-opt', args.ipam_driver_options),
    ...(args.ipam_config ?? []).flatMap(range => [
      ...text('--subnet', range.subnet),
      ...text('--gateway', range.gateway),
      ...text('--ip-range', range.iprange),
      ...pairs('--aux-address', recordAt(range, 'aux_addresses')),
    ]),
  ]
}

function sorted(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function inOrder(values: Readonly<Record<string, string>>, order: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.keys(order).flatMap(key => (values[key] === undefined ? [] : [[key, values[key]]])))
}

function defined(state: NetworkState): NetworkState {
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined))
}
