import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { MlopsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { statePath, writeStateText } from '../project/state.ts'
import { networkName } from './docker/containers.ts'
import { engineInfo, isLocal } from './docker/engine.ts'
import { findNetwork, freeSubnet, takenNetworks } from './docker/network.ts'
import { namesText } from './inventory-file.ts'
import type { Progress } from './provider.ts'
import { destroy, findRemovals } from './provision.ts'

/**
 * A project like this one beside it, for servers that live for one command: a name, keys and a state of its own (`.mlops/USE/`), so that
 * nothing that it makes or removes is the user's. `servers`: only these.
 */
export async function projectBeside(project: Project, use: string, servers: readonly string[] = []): Promise<Project> {
  const directory = statePath(project, use)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const name = `${project.name}-${use}`
  const chosen = project.servers
    .filter(spec => spec.provider !== 'static' && (servers.length === 0 || servers.includes(spec.name)))
    .map(spec => ({ ...spec, address: undefined }))
  const usesDocker = chosen.some(spec => spec.provider === 'docker')
  const subnet = usesDocker ? await subnetFor(name) : project.docker.subnet
  return { ...project, name, directory, servers: chosen, docker: { ...project.docker, subnet } }
}

/** Removes all servers of such a project, and its state: the next ones are others. */
export async function clearBeside(beside: Project, progress: Progress): Promise<void> {
  await destroy(beside, await findRemovals(beside, {}), progress)
  rmSync(join(beside.directory, '.mlops'), { recursive: true, force: true })
}

/**
 * What a play beside a project plays on: its servers, and the names of those of the project that are not among them, which playbooks may
 * speak of. A play takes the inventory with the limit.
 */
export function inventoryBeside(project: Project, beside: Project): { inventory: string[]; limit: string } {
  const made = beside.servers.map(({ name }) => name)
  const others = project.servers.filter(({ name }) => !made.includes(name))
  writeStateText(beside, 'others.yml', namesText(others))
  return { inventory: ['inventory.yml', 'others.yml'].map(name => statePath(beside, name)), limit: made.join(',') }
}

/** That of the network which an interrupted run left, else a free one. */
async function subnetFor(name: string): Promise<string> {
  const left = await findNetwork(networkName({ name }))
  if (left !== undefined) return left.subnet
  const info = await engineInfo()
  const subnet = freeSubnet(await takenNetworks({ isLocal: !('unreachable' in info) && isLocal(info) }))
  if (subnet !== undefined) return subnet
  throw new MlopsError('docker.no-subnet', 'no network is free for servers beside those of this project', {
    hint: 'docker network prune',
  })
}
