import { dotted, fromRoute, short6 } from './addresses.ts'

/** The way out to the world; empty when there is none. */
export interface Default {
  readonly interface?: string
  readonly address?: string
  readonly gateway?: string
}

/** The default route as `ip route get` says it; without `ip`, the one with the lowest metric in the kernel's table. */
export function defaultRoute(version: 4 | 6, ip: string | undefined, files: ReadonlyMap<string, string>): Default {
  if (ip !== undefined) return fromIp(ip)
  return version === 4
    ? fromTable4(files.get('/proc/net/route') ?? '')
    : fromTable6(files.get('/proc/net/ipv6_route') ?? '')
}

function fromIp(text: string): Default {
  const line = text.split('\n')[0] ?? ''
  if (/^(unreachable|prohibit|blackhole)/.test(line)) return {}
  const after = (word: string) => new RegExp(`\\b${word} (\\S+)`).exec(line)?.[1]
  const name = after('dev')
  const address = after('src')
  const gateway = after('via')
  if (name === undefined) return {}
  return {
    interface: name,
    ...(address === undefined ? {} : { address }),
    ...(gateway === undefined ? {} : { gateway }),
  }
}

function fromTable4(table: string): Default {
  let best: { metric: number; found: Default } | undefined
  for (const line of table.split('\n').slice(1)) {
    const [name, destination, gateway, , , , metric, mask] = line.trim().split(/\s+/)
    if (name === undefined || destination !== '00000000' || mask !== '00000000') continue
    if (best !== undefined && best.metric <= Number(metric)) continue
    best = { metric: Number(metric), found: { interface: name, gateway: dotted(fromRoute(gateway ?? '0')) } }
  }
  return best?.found ?? {}
}

function fromTable6(table: string): Default {
  let best: { metric: number; found: Default } | undefined
  for (const line of table.split('\n')) {
    const [destination, prefix, , , gateway = '', metric = '0', , , , name] = line.trim().split(/\s+/)
    if (!/^0{32}$/.test(destination ?? '') || prefix !== '00' || name === undefined || name === 'lo') continue
    const value = Number.parseInt(metric, 16)
    if (best !== undefined && best.metric <= value) continue
    best = { metric: value, found: { interface: name, ...(/^0*$/.test(gateway) ? {} : { gateway: short6(gateway) }) } }
  }
  return best?.found ?? {}
}
