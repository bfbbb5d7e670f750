import { isIPv4 } from 'node:net'
import { MlopsError, type Position } from '../errors.ts'
import { at, type SourceNode } from '../source/node.ts'
import type { Project } from './project.ts'

/** How provider `qemu` makes servers. */
export interface QemuSettings {
  /** Image of servers that name none. */
  readonly image: string
  /** IPv4 network of 256 addresses in CIDR notation; servers have the lower half of it. */
  readonly subnet: string
  /** As QEMU writes it (`2g`). */
  readonly memory: string
  readonly cpus: number
  /** Size that a disk may grow to, as QEMU writes it (`20g`). */
  readonly disk: string
  /** Ports of the servers that can be reached from this machine, beside sshd's and those of their services. */
  readonly ports: readonly number[]
  /** What runs the servers' code; undefined: KVM where it works, else emulation. */
  readonly accel: Accelerator | undefined
}

/** As QEMU calls them: `tcg` is emulation. */
export type Accelerator = 'kvm' | 'tcg'

/** Reads the key `qemu` of `mlops.yml`, which fits the schema. */
export function readQemu(node: SourceNode | undefined): QemuSettings {
  const value = (key: string): unknown => {
    const found = node && at(node, [key])
    return found?.kind === 'scalar' ? (found.value ?? undefined) : undefined
  }
  const ports = node && at(node, ['ports'])
  const accel = value('accel')
  return {
    image: String(value('image') ?? 'debian-13'),
    subnet: String(value('subnet') ?? '10.78.0.0/24'),
    memory: String(value('memory') ?? '2g'),
    cpus: Number(value('cpus') ?? 2),
    disk: String(value('disk') ?? '20g'),
    ports:
      ports?.kind === 'seq'
        ? ports.items.flatMap(item => (item.kind === 'scalar' ? Number(item.value) : []))
        : [5100, 5008],
    accel: accel === 'kvm' || accel === 'tcg' ? accel : undefined,
  }
}

/** What an image's name means to provider `qemu`. */
export type QemuImage =
  /** Made from Debian's packages. */
  | { readonly kind: 'debian'; readonly version: '12' | '13' }
  | { readonly kind: 'url'; readonly url: string; readonly sha256: string }
  /** A disk image of the user's; the path is seen from `mlops.yml`. */
  | { readonly kind: 'file'; readonly path: string }

/** Reads an image's name. A URL without its digest has an empty one. */
export function qemuImage(name: string): QemuImage {
  if (name === 'debian-12' || name === 'debian-13')
    return { kind: 'debian', version: name === 'debian-12' ? '12' : '13' }
  if (!/^https?:/.test(name)) return { kind: 'file', path: name }
  const [url = '', digest = ''] = name.split('#')
  const [, sha256 = ''] = /^sha256=([0-9a-f]{64})$/i.exec(digest) ?? []
  return { kind: 'url', url, sha256: sha256.toLowerCase() }
}

/** The last of the addresses that servers have: those of the lower half of the network, but for the first. */
export const LAST_ADDRESS = 126

/** What the schema cannot say of provider `qemu`: a network that is one, addresses within it, images that can be checked. */
export function checkQemu(project: Project, place: (...path: string[]) => Position | undefined): MlopsError[] {
  const { subnet } = project.qemu
  const servers = project.servers.filter(({ provider }) => provider === 'qemu')
  if (servers.length > 0 && !isIPv4(subnet.replace(/\/24$/, ''))) {
    const hint = 'an IPv4 network, such as 10.78.0.0/24'
    return [new MlopsError('project.subnet', `${subnet} is not a network`, { at: place('qemu', 'subnet'), hint })]
  }
  return servers.flatMap(({ name, address, image }) => {
    const errors: MlopsError[] = []
    if (address !== undefined && !isServerAddress(subnet, address)) {
      errors.push(
        new MlopsError('project.address', `${address} is not in the lower half of ${subnet}, where servers are`, {
          at: place('servers', name, 'address'),
          hint: `leave the address out, or choose one from ${subnet.replace('0/24', '2')} to .${LAST_ADDRESS}`,
        }),
      )
    }
    const source = qemuImage(image)
    if (source.kind === 'url' && source.sha256 === '') {
      errors.push(
        new MlopsError('project.image', `the image of \`${name}\` has no digest to check it by: ${image}`, {
          at: place('servers', name, 'image') ?? place('qemu', 'image'),
          hint: 'end the URL with #sha256= and the 64 digits that its publisher says',
        }),
      )
    }
    return errors
  })
}

function isServerAddress(subnet: string, address: string): boolean {
  const last = Number(address.split('.')[3])
  return address === subnet.replace(/\.0\/24$/, `.${last}`) && last >= 2 && last <= LAST_ADDRESS
}
