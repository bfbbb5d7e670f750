export interface Address4 {
  readonly device: string
  readonly label: string
  readonly address: string
  readonly prefix: string
  readonly netmask: string
  readonly network: string
  readonly broadcast: string
}

export interface Address6 {
  readonly device: string
  readonly address: string
  readonly prefix: string
  readonly scope: string
}

/** IPv4 addresses as `ip -o -4 addr show` prints them; without it, from the kernel's tables. */
export function addresses4(ip: string | undefined, files: ReadonlyMap<string, string>): readonly Address4[] {
  return ip === undefined ? fromTables(files) : fromIp(ip)
}

/** IPv6 addresses of /proc/net/if_inet6: address, index, prefix, scope, flags, device. */
export function addresses6(table: string): readonly Address6[] {
  const scopes: Readonly<Record<string, string>> = { '00': 'global', '10': 'host', '20': 'link', '40': 'site' }
  const found: Address6[] = []
  for (const line of table.split('\n')) {
    const [hex, , prefix, scope, , device] = line.trim().split(/\s+/)
    if (hex?.length !== 32 || prefix === undefined || scope === undefined || device === undefined) continue
    found.push({
      device,
      address: short6(hex),
      prefix: String(Number.parseInt(prefix, 16)),
      scope: scopes[scope] ?? 'global',
    })
  }
  return found.sort((a, b) => Number(a.scope === 'link') - Number(b.scope === 'link'))
}

/** An address of 32 hexadecimal digits in its short form (RFC 5952). */
export function short6(hex: string): string {
  const groups = (hex.match(/.{4}/g) ?? []).map(g => Number.parseInt(g, 16).toString(16))
  let best = { start: 0, length: 0 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === '0') length++
    if (length > best.length) best = { start, length }
  }
  if (best.length < 2) return groups.join(':')
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`
}

/** The number as dotted text. */
export function dotted(value: number): string {
  return [24, 16, 8, 0].map(shift => (value >>> shift) & 255).join('.')
}

/** The number that /proc/net/route writes in hexadecimal, in the byte order of the network. */
export function fromRoute(hex: string): number {
  const value = Number.parseInt(hex, 16)
  return (((value & 255) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0
}

function fromIp(text: string): readonly Address4[] {
  const found: Address4[] = []
  for (const line of text.split('\n')) {
    const match = /^\d+:\s+(\S+)\s+inet\s+([\d.]+)(?:\s+peer\s+[\d.]+)?(?:\/(\d+))?(.*)$/.exec(line)
    if (!match?.[1] || !match[2]) continue
    const rest = match[4] ?? ''
    const label = /scope \S+(?: (?!valid_lft)[a-z]+)* (\S+?)\\/.exec(rest)?.[1]
    found.push(
      address4({
        device: match[1].replace(/@.*/, ''),
        label: label ?? match[1],
        address: match[2],
        prefix: Number(match[3] ?? 32),
        broadcast: /brd ([\d.]+)/.exec(rest)?.[1] ?? '',
      }),
    )
  }
  return found
}

/** Local addresses of the routing trie, each on the interface whose connected network holds it. */
function fromTables(files: ReadonlyMap<string, string>): readonly Address4[] {
  const networks = connected(files.get('/proc/net/route') ?? '')
  const found = new Map<string, Address4>()
  let last = ''
  for (const line of (files.get('/proc/net/fib_trie') ?? '').split('\n')) {
    last = /\|--\s+([\d.]+)/.exec(line)?.[1] ?? last
    if (!/\/32 host LOCAL/.test(line) || found.has(last)) continue
    const value = number(last)
    const home = networks.find(n => (value & n.mask) >>> 0 === n.network)
    const loopback = last.startsWith('127.')
    const prefix = loopback ? 8 : home === undefined ? 32 : bits(home.mask)
    const device = loopback ? 'lo' : (home?.device ?? '')
    const mask = maskOf(prefix)
    const broadcast = loopback || home === undefined ? '' : dotted((value & mask) | ~mask)
    if (device !== '') found.set(last, address4({ device, label: device, address: last, prefix, broadcast }))
  }
  return [...found.values()]
}

/** Networks without a gateway, the narrowest first. */
function connected(table: string): readonly { device: string; network: number; mask: number }[] {
  const found = []
  for (const line of table.split('\n').slice(1)) {
    const [device, destination, gateway, , , , , mask] = line.trim().split(/\s+/)
    if (device === undefined || destination === undefined || mask === undefined) continue
    if (gateway === '00000000' && mask !== '00000000') {
      found.push({ device, network: fromRoute(destination), mask: fromRoute(mask) })
    }
  }
  return found.sort((a, b) => bits(b.mask) - bits(a.mask))
}

function address4(seen: {
  device: string
  label: string
  address: string
  prefix: number
  broadcast: string
}): Address4 {
  const mask = maskOf(seen.prefix)
  return {
    ...seen,
    prefix: String(seen.prefix),
    netmask: dotted(mask),
    network: dotted(number(seen.address) & mask),
  }
}

function maskOf(prefix: number): number {
  return prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0
}

function bits(mask: number): number {
  return mask.toString(2).replaceAll('0', '').length
}

function number(address: string): number {
  return address.split('.').reduce((value, part) => ((value << 8) | Number(part)) >>> 0, 0)
}
