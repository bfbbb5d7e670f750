/** An IPv4 network. */
export interface Subnet {
  /** The network's address as a number. */
  readonly base: number
  readonly prefix: number
}

/** Reads CIDR notation (`10.77.0.0/24`); undefined when it is none. Bits of the host are cut off. */
export function parseSubnet(text: string): Subnet | undefined {
  const [address = '', length = ''] = text.split('/')
  const value = toNumber(address)
  const prefix = /^\d{1,2}$/.test(length) ? Number(length) : -1
  if (value === undefined || prefix < 0 || prefix > 32) return undefined
  return { base: Math.floor(value / size(prefix)) * size(prefix), prefix }
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  return a.base < b.base + size(b.prefix) && b.base < a.base + size(a.prefix)
}

export function contains(subnet: Subnet, address: string): boolean {
  const value = toNumber(address)
  return value !== undefined && value >= subnet.base && value < subnet.base + size(subnet.prefix)
}

/** The n-th address of a network; undefined when it has no such host. */
export function addressAt(subnet: Subnet, n: number): string | undefined {
  if (n < 1 || n >= size(subnet.prefix) - 1) return undefined
  const value = subnet.base + n
  return [24, 16, 8, 0].map(shift => Math.floor(value / 2 ** shift) % 256).join('.')
}

/** `10.77.0.0/24` */
export function formatSubnet(subnet: Subnet): string {
  return `${[24, 16, 8, 0].map(shift => Math.floor(subnet.base / 2 ** shift) % 256).join('.')}/${subnet.prefix}`
}

/** The first servers' addresses end in .11, .12, …: below are the gateway (.1) and the registry (.2). */
const FIRST_SERVER = 11

/** The next free address for a server; undefined when the network is full. */
export function nextAddress(subnet: Subnet, taken: ReadonlySet<string>): string | undefined {
  const last = size(subnet.prefix) - 2
  const start = last >= FIRST_SERVER ? FIRST_SERVER : 3
  for (let n = start; n <= last; n++) {
    const address = addressAt(subnet, n)
    if (address !== undefined && !taken.has(address)) return address
  }
  return undefined
}

function size(prefix: number): number {
  return 2 ** (32 - prefix)
}

function toNumber(address: string): number | undefined {
  const parts = address.split('.')
  if (parts.length !== 4 || !parts.every(part => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined
  return parts.reduce((value, part) => value * 256 + Number(part), 0)
}
