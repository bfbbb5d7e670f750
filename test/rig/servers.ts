import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { sshOpener } from '../../src/connection/ssh.ts'
import { MlopsError } from '../../src/errors.ts'
import { loadProject } from '../../src/project/load.ts'
import type { Project } from '../../src/project/project.ts'
import { networks } from '../../src/providers/docker/network.ts'
import { overlaps, parseSubnet } from '../../src/providers/docker/subnet.ts'
import type { Server, Work } from '../../src/providers/provider.ts'
import { destroy, findRemovals, provision } from '../../src/providers/provision.ts'

export interface ServersWanted {
  /** Begins the names of containers and network; a random ending keeps runs apart. */
  readonly name: string
  /** The image of each server: the first is `prodserver`, the second `devserver`, then `server3`, … */
  readonly images?: readonly ('debian-13' | 'debian-12')[]
  /** More keys for mlops.yml, such as `services`. */
  readonly settings?: Readonly<Record<string, unknown>>
}

export interface Servers {
  /** Folder of the project, with its mlops.yml and .mlops/. */
  readonly directory: string
  readonly project: Project
  readonly inventory: string
  readonly hosts: readonly Server[]
  /** Removes the servers and the folder. Images stay for the next test. */
  stop(): Promise<void>
}

/** Work for providers in tests: silent, over real SSH. */
export function quietWork(): Work {
  return { onStep: () => {}, onWarning: () => {}, open: sshOpener() }
}

/**
 * Makes real servers of a project of their own: temporary folder, name and network are new in each call,
 * images and the registry are shared with all that runs on this machine.
 */
export async function startServers(wanted: ServersWanted): Promise<Servers> {
  const directory = writeProject(wanted, await freeSubnet())
  const project = loadProject(join(directory, 'mlops.yml'))
  const stop = async () => {
    await destroy(project, await findRemovals(project, {}), quietWork())
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    const { servers, inventoryFile } = await provision(project, [], quietWork())
    return { directory, project, inventory: inventoryFile, hosts: servers, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Writes the mlops.yml of some servers into a new folder, and gives the folder. */
export function writeProject(
  { name, images = ['debian-13', 'debian-13'], settings }: ServersWanted,
  subnet: string,
): string {
  const directory = mkdtempSync(join(tmpdir(), `mlops-${name}-`))
  const names = images.map((_, i) => ['prodserver', 'devserver'][i] ?? `server${i + 1}`)
  const userData = fileURLToPath(new URL('../../cloud-init/prod.yml', import.meta.url))
  const project = {
    name: `${name}-${randomBytes(3).toString('hex')}`,
    docker: { subnet, registry_mirror: 'local' },
    servers: Object.fromEntries(names.map((server, i) => [server, { image: images[i], user_data: userData }])),
    ...settings,
  }
  writeFileSync(join(directory, 'mlops.yml'), stringify(project))
  return directory
}

/** A /24 that neither Docker nor this machine uses. */
export async function freeSubnet(): Promise<string> {
  const cards = Object.values(networkInterfaces()).flatMap(addresses => addresses?.map(one => one.cidr ?? '') ?? [])
  const taken = [...(await networks()).map(network => network.subnet), ...cards].flatMap(
    text => parseSubnet(text) ?? [],
  )
  for (let tries = 0; tries < 1000; tries++) {
    const [second = 0, third = 0] = randomBytes(2)
    const text = `10.${100 + (second % 100)}.${third}.0/24`
    const subnet = parseSubnet(text)
    if (subnet !== undefined && !taken.some(other => overlaps(subnet, other))) return text
  }
  throw new MlopsError('rig.no-subnet', 'no free network was found')
}
