import { pythonText } from '../../schema/python-text.ts'
import { ModuleFailure } from '../module.ts'

/** Bytes of a size such as `512M` or `1.5GiB`; -1 for `unlimited`. Throws `ModuleFailure`. */
export function bytes(size: string): number {
  if (size === 'unlimited' || size === '-1') return -1
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgtp]?)i?b?\s*$/i.exec(size)
  if (match === null) throw new ModuleFailure(`\`${size}\` is not a size, such as 512M`)
  return Math.floor(Number(match[1]) * 1024 ** ' kmgtp'.indexOf(match[2]?.toLowerCase() || ' '))
}

const units: Readonly<Record<string, number>> = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6, us: 1e3, ns: 1 }

/** Nanoseconds of a duration such as `1m30s`; a bare number counts nanoseconds, as the engine has it. Throws `ModuleFailure`. */
export function nanoseconds(duration: string): number {
  if (/^\d+$/.test(duration)) return Number(duration)
  if (!/^(\d+(?:\.\d+)?(?:ms|us|ns|h|m|s))+$/.test(duration)) {
    throw new ModuleFailure(`\`${duration}\` is not a duration, such as 1m30s`)
  }
  let sum = 0
  for (const [, amount, unit = ''] of duration.matchAll(/(\d+(?:\.\d+)?)(ms|us|ns|h|m|s)/g)) {
    sum += Number(amount) * (units[unit] ?? 0)
  }
  return Math.round(sum)
}

/** One published port: `address:host port:container port/protocol`; the address of all is left empty. */
export function publishedPorts(specs: readonly string[], defaultIp = ''): string[] {
  return specs.filter(spec => spec !== 'all').flatMap(spec => onePort(spec, defaultIp))
}

function onePort(spec: string, defaultIp: string): string[] {
  const match = /^(?:(?:(\[[^\]]*\]|[^:[\]]*):)?([^:]*):)?([^:/]+)(?:\/(\w+))?$/.exec(spec)
  if (match === null) throw new ModuleFailure(`\`${spec}\` is not a published port, such as 127.0.0.1:8080:80/tcp`)
  const [, address = defaultIp, onHost = '', inside = '', protocol = 'tcp'] = match
  const targets = range(inside, spec)
  const sources = onHost === '' ? targets.map(() => '') : range(onHost, spec).map(String)
  if (targets.length !== sources.length && targets.length > 1)
    throw new ModuleFailure(`the ranges of \`${spec}\` are not of one length`)
  const ip = anyAddress(address.replace(/^\[(.*)\]$/, '$1'))
  // A range of host ports for one port of the container: the engine takes one of them.
  if (targets.length !== sources.length) return [`${ip}:${onHost}:${inside}/${protocol.toLowerCase()}`]
  return targets.map((port, i) => `${ip}:${sources[i]}:${port}/${protocol.toLowerCase()}`)
}

/** '' for the addresses that mean all. */
export function anyAddress(address: string): string {
  return address === '0.0.0.0' || address === '::' ? '' : address
}

/** Ports that are exposed: `80` → `80/tcp`, ranges written out. */
export function exposedPorts(specs: readonly string[]): string[] {
  return specs.flatMap(spec => {
    const [ports = '', protocol = 'tcp'] = spec.split('/')
    return range(ports, spec).map(port => `${port}/${protocol}`)
  })
}

function range(text: string, spec: string): number[] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text)
  if (match === null) throw new ModuleFailure(`\`${spec}\` does not name a port`)
  const first = Number(match[1])
  const last = Number(match[2] ?? first)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i)
}

/** A volume in one form: `source:target:modes`, modes sorted, `rw` where neither is said; a bare target stays. */
export function volume(spec: string): string {
  const parts = spec.split(':')
  if (parts.length < 2) return trimmed(spec)
  const [source = '', target = '', modes = ''] = parts
  const words = modes.split(',').filter(word => word !== '')
  if (!words.some(word => word === 'ro' || word === 'rw')) words.push('rw')
  return `${source}:${trimmed(target)}:${words.sort().join(',')}`
}

function trimmed(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path
}

/** Text by name, of a mapping whose values may be numbers or booleans. */
export function texts(value: Readonly<Record<string, unknown>> | null | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(value ?? {}).map(([key, item]) => [key, pythonText(item)]))
}

/** The lines `NAME=value` of an environment file; comments and names without a value are left out. */
export function envFile(text: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const bare = line.replace(/^\s+/, '').replace(/\r$/, '')
    const cut = bare.indexOf('=')
    if (!bare.startsWith('#') && cut > 0) found[bare.slice(0, cut)] = bare.slice(cut + 1)
  }
  return found
}

/** An image's name as the engine means it: without docker.io, with its tag. */
export function imageName(name: string): string {
  const bare = name.replace(/^(?:docker\.io\/)(?:library\/)?/, '')
  return bare.includes('@') || bare.slice(bare.lastIndexOf('/') + 1).includes(':') ? bare : `${bare}:latest`
}

/** A field of a comma list as docker reads it (CSV). */
export function field(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
