import { rmSync } from 'node:fs'
import { MlopsError } from '../../errors.ts'
import type { Project } from '../../project/project.ts'
import { statePath } from '../../project/state.ts'
import { pool } from '../concurrency.ts'
import type { Progress, Removal, RemovalScope } from '../provider.ts'
import { took } from '../took.ts'
import { bakedImages, bakedReference, REPOSITORY, removeBaked, sweepBaked } from './baked.ts'
import { containersOf } from './containers.ts'
import { docker, dockerLines, tryDocker } from './engine.ts'
import * as label from './labels.ts'
import { endRegistry, isUsedByOthers, leaveRegistry, REGISTRY_NAME, registryVolumes } from './registry.ts'

/** What carries our labels, in the order in which it can be removed. */
export async function findRemovals(project: Project, { names, images }: RemovalScope): Promise<Removal[]> {
  const wanted = (server: string | undefined) => names === undefined || (server !== undefined && names.includes(server))
  const servers = (await containersOf(project)).filter(({ labels }) => wanted(labels[label.SERVER]))
  const removals: Removal[] = servers.map(({ name }) => ({ kind: 'server', name }))
  for (const volume of await volumesOf(project)) {
    if (wanted(volume.server)) removals.push({ kind: 'volume', name: volume.name })
  }
  if (names !== undefined) return removals
  return [...removals, ...(await sharedRemovals(project, images === true))]
}

/** Removes things; what others still use (an image, the registry) is left to them. */
export async function destroyThings(project: Project, removals: readonly Removal[], progress: Progress): Promise<void> {
  for (const kind of ['server', 'registry', 'volume', 'network', 'image'] as const) {
    const things = removals.filter(removal => removal.kind === kind)
    // Images one after the other: those that others were built on come last.
    await pool(things, kind === 'image' ? 1 : 4, thing => remove(project, thing, progress))
    if (kind === 'image' && things.length > 0) await sweepBaked(project)
  }
}

async function sharedRemovals(project: Project, images: boolean): Promise<Removal[]> {
  const removals: Removal[] = []
  const networks = await ownNetworks(project)
  // A project of the same name in another folder has a network of the same name, but not of our labels.
  const registryIsOurs = !(await isUsedByOthers(networks))
  const registry = await dockerLines(['ps', '--all', '--quiet', '--filter', `label=${label.REGISTRY}`])
  if (registry.length > 0 && registryIsOurs) removals.push({ kind: 'registry', name: REGISTRY_NAME })
  for (const name of networks) removals.push({ kind: 'network', name })
  if (images)
    for (const { name } of await bakedImages(project)) removals.push({ kind: 'image', name: bakedReference(name) })
  if (!images || !registryIsOurs) return removals
  for (const name of await registryVolumes()) removals.push({ kind: 'volume', name })
  const cached = await dockerLines([
    'images',
    '--format',
    '{{.Repository}}:{{.Tag}}',
    '--filter',
    `label=${label.IMAGE}`,
  ])
  // Images come before those that they were built on.
  const isBase = (name: string) => Number(name.startsWith('mlops/debian:'))
  const shared = cached.filter(name => !name.startsWith(`${REPOSITORY}:`))
  for (const name of shared.sort((a, b) => isBase(a) - isBase(b))) removals.push({ kind: 'image', name })
  return removals
}

function ownNetworks(project: Project): Promise<string[]> {
  return dockerLines(['network', 'ls', '--format', '{{.Name}}', ...label.ownFilter(project)])
}

async function remove(project: Project, { kind, name }: Removal, { onStep, onWarning }: Progress): Promise<void> {
  const since = Date.now()
  switch (kind) {
    case 'server':
      await docker(['rm', '--force', '--volumes', name])
      forgetHostKey(project, name)
      break
    case 'volume': {
      const { status, stderr } = await tryDocker(['volume', 'rm', '--force', name])
      if (stderr.includes('volume is in use')) return onWarning(`volume ${name} is still in use, and stays`)
      if (status !== 0) throw new MlopsError('docker.removal', `volume ${name} cannot be removed: ${stderr.trim()}`)
      break
    }
    case 'registry':
      // another project may have come to use it since it was asked about
      if (!(await endRegistry(await ownNetworks(project)))) return
      break
    case 'network':
      await leaveRegistry(name)
      await docker(['network', 'rm', name])
      // another project may have left at the same moment, and kept the registry for us
      if (await endRegistry([])) onStep(`registry ${REGISTRY_NAME} removed`)
      break
    case 'image': {
      const baked = name.startsWith(`${REPOSITORY}:`)
      const gone = baked
        ? await removeBaked(name.slice(REPOSITORY.length + 1))
        : (await tryDocker(['rmi', name])).status === 0
      if (!gone) return onWarning(`image ${name} is still in use, and stays`)
      break
    }
    default:
      throw new MlopsError('docker.removal', `cannot remove a ${kind}`)
  }
  onStep(`${kind} ${name} removed${took(since)}`)
}

/** A server that is made anew after this is another machine, with another key. */
function forgetHostKey(project: Project, container: string): void {
  const server = container.slice(project.name.length + 1)
  for (const file of [server, `${server}.known_hosts`]) rmSync(statePath(project, 'host-keys', file), { force: true })
}

async function volumesOf(project: Project): Promise<{ name: string; server: string | undefined }[]> {
  const format = `{{.Name}} {{.Label "${label.SERVER}"}}`
  const lines = await dockerLines(['volume', 'ls', '--format', format, ...label.ownFilter(project)])
  return lines.map(line => {
    const [name = '', server] = line.split(' ')
    return { name, server }
  })
}
