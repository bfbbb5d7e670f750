import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { KeyPair } from '../key-pair.ts'
import { type Login, vendorData } from '../vendor-data.ts'
import { cardsOf, ownAddresses, PREFIX } from './addresses.ts'

export interface Seed {
  /** A new one for each machine, so that cloud-init runs; the same one at each boot, so that it runs once. */
  readonly id: string
  readonly server: string
  readonly userData: string
  readonly hostKey: KeyPair
  readonly login: Login
  readonly address: string
  readonly subnet: string
}

/** Writes what cloud-init reads at the first boot (data source NoCloud); QEMU shows the folder as a disk of that label. */
export function writeSeed(folder: string, seed: Seed): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const files = {
    'meta-data': `instance-id: ${seed.id}\nlocal-hostname: ${seed.server}\n`,
    'user-data': seed.userData,
    'vendor-data': vendorData(seed.hostKey, seed.login),
    'network-config': networkConfig(seed.address, seed.subnet),
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 })
}

/** NoCloud looks for a file system of this name. */
export const SEED_LABEL = 'cidata'

/**
 * One address on both cards: the default route leaves with the address at which the other servers find this one, so what asks
 * the system for its address gets the one that is of use.
 */
export function networkConfig(address: string, subnet: string): string {
  const { gateway, resolver } = ownAddresses(subnet)
  const cards = cardsOf(address)
  return stringify({
    version: 2,
    ethernets: {
      outside: {
        match: { macaddress: cards.outside },
        addresses: [`${address}/32`],
        routes: [{ to: '0.0.0.0/0', via: gateway, 'on-link': true }],
        nameservers: { addresses: [resolver] },
      },
      servers: {
        match: { macaddress: cards.servers },
        addresses: [`${address}/${PREFIX}`],
        'link-local': [],
      },
    },
  })
}
