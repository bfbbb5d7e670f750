import { lines, type Script, sh } from '../../shell/sh.ts'
import { texts } from './container-values.ts'
import { dig, recordAt, textAt } from './json-path.ts'

/** A network that a container is wanted in, as `networks` of `docker_container` writes it. */
type Wanted = Readonly<Record<string, unknown>>

interface Networked {
  readonly networks?: readonly Wanted[] | undefined
  readonly network_mode?: string | undefined
  readonly networks_cli_compatible: boolean
}

/** Networks that a container is in and those that are wanted: name → what counts of it, in one text. */
export function compareNetworks(
  { networks = [] }: Networked,
  container: unknown,
  strict: boolean,
): { is: Record<string, string>; want: Record<string, string> } {
  const is: Record<string, string> = {}
  const want: Record<string, string> = {}
  for (const network of networks) {
    const name = textAt(network, 'name')
    want[name] = words(network).join(' ')
    const seen = recordAt(container, 'NetworkSettings.Networks')[name]
    if (seen !== undefined) is[name] = seenWords(network, seen).join(' ')
  }
  if (strict) for (const name of Object.keys(recordAt(container, 'NetworkSettings.Networks'))) is[name] ??= ''
  return { is, want }
}

/** Connects what is missing and disconnects what is wrong or too much. */
export function networkSteps(
  { networks = [] }: Networked,
  container: string,
  { is, want }: { readonly is: Readonly<Record<string, string>>; readonly want: Readonly<Record<string, string>> },
): Script {
  const away = Object.keys(is).filter(name => is[name] !== want[name])
  const there = networks.filter(network => is[textAt(network, 'name')] !== want[textAt(network, 'name')])
  return lines(
    ...away.map(name => sh`run docker network disconnect --force -- ${name} ${container}`),
    ...there.map(
      network => sh`run docker network connect ${words(network)} -- ${textAt(network, 'name')} ${container}`,
    ),
  )
}

/** What `docker create` is told of the network that the container begins in. */
export function firstNetworkWords(args: Networked): string[] {
  const [first] = args.networks ?? []
  const own = args.network_mode === undefined ? args.networks_cli_compatible : args.network_mode === first?.name
  if (first === undefined || !own) return []
  return words({ ...first, driver_opts: {} }).map(word => (word === '--alias' ? '--network-alias' : word))
}

/** The networks that are connected after `docker create`; the first is there already. */
export function laterNetworks(args: Networked): readonly Wanted[] {
  const [first, ...rest] = args.networks ?? []
  const begins = args.network_mode ?? (args.networks_cli_compatible ? textAt(first, 'name') : undefined)
  return first === undefined || textAt(first, 'name') === begins ? rest : [first, ...rest]
}

/** Connects a new container to its further networks, and to the first again where `docker create` could not say all of it. */
export function connectLater(args: Networked, container: string): Script {
  const [first] = args.networks ?? []
  const again = first?.driver_opts ? [first] : []
  return lines(
    // Options of the driver are not for `docker create` to give.
    ...again.map(network => sh`run docker network disconnect --force -- ${textAt(network, 'name')} ${container}`),
    ...[...again, ...laterNetworks(args).filter(network => !again.includes(network))].map(
      network => sh`run docker network connect ${words(network)} -- ${textAt(network, 'name')} ${container}`,
    ),
  )
}

function words(network: Wanted): string[] {
  return [
    ...(network.ipv4_address ? ['--ip', textAt(network, 'ipv4_address')] : []),
    ...(network.ipv6_address ? ['--ip6', textAt(network, 'ipv6_address').toLowerCase()] : []),
    ...items(network.aliases).flatMap(alias => ['--alias', alias]),
    ...items(network.links).flatMap(link => ['--link', link]),
    ...Object.entries(texts(recordAt(network, 'driver_opts'))).flatMap(([key, value]) => [
      '--driver-opt',
      `${key}=${value}`,
    ]),
  ]
}

/** The same words from what the engine shows, of what the wanted network says. */
function seenWords(wanted: Wanted, seen: unknown): string[] {
  const has = (list: unknown, item: string) => Array.isArray(list) && list.includes(item)
  return [
    ...(wanted.ipv4_address ? ['--ip', textAt(seen, 'IPAMConfig.IPv4Address')] : []),
    ...(wanted.ipv6_address ? ['--ip6', textAt(seen, 'IPAMConfig.IPv6Address').toLowerCase()] : []),
    ...items(wanted.aliases).flatMap(alias => (has(dig(seen, 'Aliases'), alias) ? ['--alias', alias] : [])),
    ...items(wanted.links).flatMap(link => (has(dig(seen, 'Links'), link) ? ['--link', link] : [])),
    ...Object.entries(texts(recordAt(wanted, 'driver_opts'))).flatMap(([key]) => [
      '--driver-opt',
      `${key}=${String(recordAt(seen, 'DriverOpts')[key] ?? '')}`,
    ]),
  ]
}

function items(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String).sort() : []
}
