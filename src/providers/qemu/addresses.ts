import { createHash } from 'node:crypto'
import { MlopsError } from '../../errors.ts'
import type { Project, ServerSpec } from '../../project/project.ts'
import { LAST_ADDRESS } from '../../project/qemu.ts'
import { portProblem } from './ports.ts'

/** Port of a server's sshd as this machine sees it: those below 1024 are root's. */
export const SSH_PORT = 2222

/** First of the addresses that are given to servers. */
const FIRST = 11
/** Length of the prefix of the servers' half of the network: one route leads to all of them, and another one out. */
export const PREFIX = 25

/** Addresses of the network that are QEMU's own, in the upper half. */
export function ownAddresses(subnet: string): { readonly gateway: string; readonly resolver: string } {
  return { gateway: addressIn(subnet, 254), resolver: addressIn(subnet, 253) }
}

/** Where this machine reaches a server: each has a loopback address of its own, so that all can have the same ports. */
export function outerAddress(address: string): string {
  return address.replace(/^\d+/, '127')
}

/** The address among the servers of one that this machine reaches at `outer`. */
export function innerAddress(subnet: string, outer: string): string {
  return outer.replace(/^\d+/, subnet.split('.')[0] ?? '')
}

/**
 * The address of each server: what it has, what mlops.yml says, or the next one that no server has, of other projects neither.
 * Throws `qemu.subnet-full`.
 */
export async function planAddresses(
  project: Project,
  specs: readonly ServerSpec[],
  known: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const found = new Map(known)
  const { subnet } = project.qemu
  const taken = new Set([...known.values(), ...specs.flatMap(spec => spec.address ?? [])])
  for (const spec of specs) {
    if (found.has(spec.name)) continue
    const address = spec.address ?? (await nextAddress(subnet, taken))
    if (address === undefined) {
      throw new MlopsError('qemu.subnet-full', `${subnet} has no address left for ${spec.name}`, { at: spec.at })
    }
    taken.add(address)
    found.set(spec.name, address)
  }
  return found
}

async function nextAddress(subnet: string, taken: ReadonlySet<string>): Promise<string | undefined> {
  for (let last = FIRST; last <= LAST_ADDRESS; last++) {
    const address = addressIn(subnet, last)
    if (!taken.has(address) && (await portProblem(outerAddress(address), SSH_PORT)) === undefined) return address
  }
  return undefined
}

function addressIn(subnet: string, last: number): string {
  return subnet.replace(/\.0\/24$/, `.${last}`)
}

/** The two network cards of a server. */
export interface Cards {
  /** The one that leads out. */
  readonly outside: string
  /** The one that leads to the other servers. */
  readonly servers: string
}

/** MAC addresses that are a server's own (locally administered, as QEMU's own are). */
export function cardsOf(address: string): Cards {
  const tail = address
    .split('.')
    .slice(1)
    .map(part => Number(part).toString(16).padStart(2, '0'))
    .join(':')
  return { outside: `52:54:00:${tail}`, servers: `52:54:01:${tail}` }
}

/** The multicast group that is the cable between the servers of a project: frames in UDP over the loopback card. */
export function cableOf(project: Pick<Project, 'directory' | 'name'>): string {
  const [a = 0, b = 0, c = 0] = createHash('sha256').update(`${project.directory}\0${project.name}`).digest()
  return `239.${a}.${b}.${c}:7878`
}
