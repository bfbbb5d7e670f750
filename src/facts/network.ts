import { printFiles, readFiles, section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { type Address4, type Address6, addresses4, addresses6 } from './addresses.ts'
import { type Default, defaultRoute } from './default-route.ts'
import type { Fact } from './fact.ts'

/** Interfaces, their addresses, the default route, DNS. Without `ip` on the host, /proc is enough. */
export const network: Fact = {
  subset: 'network',
  topics: ['interfaces', 'default_ipv4', 'default_ipv6', 'all_ipv4_addresses', 'all_ipv6_addresses'],
  look: lines(
    section('files'),
    printFiles(
      '/sys/class/net/*/address',
      '/sys/class/net/*/mtu',
      '/sys/class/net/*/type',
      '/sys/class/net/*/operstate',
      '/sys/class/net/*/flags',
      '/sys/class/net/*/speed',
      '/sys/class/net/*/bridge/stp_state',
      '/sys/class/net/*/bridge/bridge_id',
      '/sys/class/net/*/bonding/mode',
      '/proc/net/route',
      '/proc/net/ipv6_route',
      '/proc/net/if_inet6',
      '/proc/net/fib_trie',
    ),
    section('interfaces'),
    sh`for path in /sys/class/net/*; do [ -d "$path" ] && echo "\${path##*/}"; done`,
    sh`if command -v ip >/dev/null; then`,
    section('ip4'),
    sh`ip -o -4 addr show`,
    section('route4'),
    sh`ip -4 route get 8.8.8.8`,
    section('route6'),
    sh`ip -6 route get 2404:6800:400a:800::1012`,
    sh`fi`,
  ),
  read({ stdout }) {
    const parts = sections(stdout)
    const files = readFiles(parts.get('files') ?? '')
    const names = (parts.get('interfaces') ?? '').split('\n').filter(name => name !== '' && name !== 'bonding_masters')
    const v4 = addresses4(parts.get('ip4'), files)
    const v6 = addresses6(files.get('/proc/net/if_inet6') ?? '')
    const all: Record<string, unknown> = {
      interfaces: names,
      all_ipv4_addresses: v4.filter(a => !a.address.startsWith('127.')).map(a => a.address),
      all_ipv6_addresses: v6.filter(a => a.address !== '::1').map(a => a.address),
      default_ipv4: default4(defaultRoute(4, parts.get('route4'), files), v4, files),
      default_ipv6: default6(defaultRoute(6, parts.get('route6'), files), v6, files),
    }
    for (const name of names) all[name.replaceAll('-', '_')] = device(name, v4, v6, files)
    return all
  },
}

function device(name: string, v4: readonly Address4[], v6: readonly Address6[], files: ReadonlyMap<string, string>) {
  const [first, ...more] = v4.filter(a => a.device === name)
  const own6 = v6.filter(a => a.device === name)
  const get = (file: string) => files.get(`/sys/class/net/${name}/${file}`)?.trim()
  const flags = Number(get('flags') ?? 0)
  const speed = get('speed')
  return {
    device: name,
    ...link(name, files),
    // As Ansible: `unknown` is what loopback and tunnels say while they work.
    active: get('operstate') !== 'down' && (flags & 1) === 1,
    promisc: (flags & 0x100) !== 0,
    ...(speed === undefined ? {} : { speed: Number(speed) }),
    ...(get('bridge/bridge_id') === undefined
      ? {}
      : { id: get('bridge/bridge_id'), stp: get('bridge/stp_state') === '1' }),
    ...(first === undefined ? {} : { ipv4: shown4(first) }),
    ...(more.length === 0 ? {} : { ipv4_secondaries: more.map(shown4) }),
    ...(own6.length === 0 ? {} : { ipv6: own6.map(shown6) }),
  }
}

function link(name: string, files: ReadonlyMap<string, string>): { macaddress?: string; mtu?: number; type: string } {
  const get = (file: string) => files.get(`/sys/class/net/${name}/${file}`)?.trim()
  const mac = get('address')
  const mtu = get('mtu')
  return {
    ...(mac === undefined || mac === '' || mac === '00:00:00:00:00:00' ? {} : { macaddress: mac }),
    ...(mtu === undefined ? {} : { mtu: Number(mtu) }),
    type: kind(get),
  }
}

/** Hardware types of Linux's if_arp.h. */
function kind(get: (file: string) => string | undefined): string {
  if (get('bridge/bridge_id') !== undefined) return 'bridge'
  if (get('bonding/mode') !== undefined) return 'bonding'
  switch (get('type')) {
    case '1':
      return 'ether'
    case '32':
      return 'infiniband'
    case '512':
      return 'ppp'
    case '768':
    case '65534':
      return 'tunnel'
    case '772':
      return 'loopback'
    default:
      return 'unknown'
  }
}

function shown4({ address, netmask, network, prefix, broadcast }: Address4) {
  return { address, netmask, network, prefix, broadcast }
}

function shown6({ address, prefix, scope }: Address6) {
  return { address, prefix, scope }
}

function default4(route: Default, addresses: readonly Address4[], files: ReadonlyMap<string, string>) {
  const { interface: name } = route
  if (name === undefined) return {}
  const own = addresses.filter(a => a.device === name)
  const found = own.find(a => a.address === route.address) ?? own[0]
  return { ...route, ...(found === undefined ? {} : { ...shown4(found), alias: found.label }), ...link(name, files) }
}

function default6(route: Default, addresses: readonly Address6[], files: ReadonlyMap<string, string>) {
  const { interface: name } = route
  if (name === undefined) return {}
  const own = addresses.filter(a => a.device === name)
  const found = own.find(a => a.address === route.address) ?? own.find(a => a.scope === 'global')
  return { ...route, ...(found === undefined ? {} : shown6(found)), ...link(name, files) }
}
