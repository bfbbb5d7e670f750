import { readFileSync, writeFileSync } from 'node:fs'

const INOTIFY = '/proc/sys/fs/inotify/max_user_instances'

/** How many programs may watch files at once here; raised to `wanted` when we may. Undefined: this is no Linux. */
export function inotifyInstances(wanted: number): number | undefined {
  const limit = read(INOTIFY)
  if (limit === undefined || Number(limit) >= wanted) return limit === undefined ? undefined : Number(limit)
  try {
    writeFileSync(INOTIFY, '8192')
    return 8192
  } catch {
    return Number(limit)
  }
}

/** The resolvers of this machine that other hosts can reach. */
export function resolvers(): string[] {
  // systemd-resolved puts its own loopback address into the first file and the real ones into the second.
  for (const file of ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf']) {
    const found = parseResolvers(read(file) ?? '')
    if (found.length > 0) return found
  }
  return []
}

/** The nameservers of a resolv.conf(5), without loopback addresses. */
export function parseResolvers(text: string): string[] {
  return [...text.matchAll(/^nameserver\s+(\S+)/gm)]
    .map(match => match[1] ?? '')
    .filter(address => !address.startsWith('127.') && address !== '::1')
}

/** MTU of the network card that leads out of this machine; undefined when it cannot be told. */
export function uplinkMtu(): number | undefined {
  const card = parseDefaultRoute(read('/proc/net/route') ?? '')
  const mtu = card === undefined ? undefined : read(`/sys/class/net/${card}/mtu`)
  return mtu === undefined ? undefined : Number(mtu)
}

/** The card of the default route in the text of /proc/net/route. */
export function parseDefaultRoute(text: string): string | undefined {
  for (const line of text.split('\n').slice(1)) {
    const [card, destination] = line.split('\t')
    if (destination === '00000000') return card
  }
  return undefined
}

/** A control group tree of this machine that is mounted read-only, or undefined. */
export function readOnlyControlGroup(): string | undefined {
  return parseReadOnlyControlGroup(read('/proc/self/mounts') ?? '')
}

/** The first control group mount with option `ro` in the text of /proc/self/mounts. */
export function parseReadOnlyControlGroup(text: string): string | undefined {
  for (const line of text.split('\n')) {
    const [, path, type = '', options = ''] = line.split(' ')
    if (type.startsWith('cgroup') && options.split(',').includes('ro')) return path
  }
  return undefined
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}
