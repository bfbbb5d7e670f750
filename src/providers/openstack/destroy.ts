import { rmSync } from 'node:fs'
import { MlopsError } from '../../errors.ts'
import type { Project } from '../../project/project.ts'
import { statePath } from '../../project/state.ts'
import { pool } from '../concurrency.ts'
import type { Progress, Removal, RemovalScope } from '../provider.ts'
import { listBaked, removeBaked } from './baked-images.ts'
import type { CloudClient } from './client.ts'
import { CloudError } from './cloud-errors.ts'
import { isOurs } from './floating-ips.ts'
import { ownKeyPairs } from './key-pairs.ts'
import * as tag from './metadata.ts'
import { findGroup } from './security-group.ts'
import { addressOf, floatingIps, ownServers, readServer } from './servers.ts'
import type { NovaServer } from './wire.ts'

/** What we made, in the order in which it can be removed. */
export async function findRemovals(
  client: CloudClient,
  project: Project,
  { names, images }: RemovalScope,
): Promise<Removal[]> {
  const [all, floating] = await Promise.all([ownServers(client, project), floatingIps(client)])
  const servers = all.filter(server => names === undefined || names.includes(nameOf(server)))
  const addresses = new Set(servers.flatMap(server => Object.values(server.addresses).flat()).map(({ addr }) => addr))
  const removals: Removal[] = servers.map(server => ({
    ...{ kind: 'server', name: nameOf(server), id: server.id, note: noteOf(server) },
  }))
  for (const one of floating.filter(each => isOurs(each, project))) {
    const free = names === undefined && one.port_id === null
    if (free || addresses.has(one.floating_ip_address)) {
      removals.push({ kind: 'floating-ip', name: one.floating_ip_address, id: one.id })
    }
  }
  if (names !== undefined) return removals
  const [pairs, group] = await Promise.all([ownKeyPairs(client, project), findGroup(client, project)])
  for (const { name } of pairs) removals.push({ kind: 'key-pair', name, id: name })
  if (group !== undefined) removals.push({ kind: 'security-group', name: group.name, id: group.id })
  if (images) for (const { name } of await listBaked(client, project)) removals.push({ kind: 'image', name })
  return removals
}

/** Removes things of the cloud; what is gone already is as well. */
export async function destroyThings(
  client: CloudClient,
  project: Project,
  { removals, progress }: { removals: readonly Removal[]; progress: Progress },
): Promise<void> {
  for (const kind of ['server', 'floating-ip', 'key-pair', 'security-group', 'image'] as const) {
    const things = removals.filter(removal => removal.kind === kind)
    await pool(things, 4, thing => remove(client, project, { thing, progress }))
  }
}

async function remove(
  client: CloudClient,
  project: Project,
  { thing, progress }: { thing: Removal; progress: Progress },
): Promise<void> {
  const since = Date.now()
  const id = thing.id ?? thing.name
  switch (thing.kind) {
    case 'server':
      await removeServer(client, id)
      for (const file of [thing.name, `${thing.name}.known_hosts`]) {
        rmSync(statePath(project, 'host-keys', file), { force: true })
      }
      break
    case 'floating-ip':
      await client.delete('network', `/floatingips/${id}`)
      break
    case 'key-pair':
      await client.delete('compute', `/os-keypairs/${encodeURIComponent(id)}`)
      break
    case 'security-group':
      await removeGroup(client, id)
      break
    case 'image':
      return removeBaked(client, project, { name: thing.name, progress })
    default:
      throw new MlopsError('openstack.removal', `cannot remove a ${thing.kind}`)
  }
  progress.onStep(`${thing.kind.replace('-', ' ')} ${thing.name} removed (${seconds(Date.now() - since)})`)
}

const LOOK_MS = 1000
const LONGEST_MS = 300_000

/** Deletes a server, and waits until it is gone. Throws `openstack.delete-time`. */
export async function removeServer(client: CloudClient, id: string): Promise<void> {
  await client.delete('compute', `/servers/${id}`)
  for (const end = Date.now() + LONGEST_MS; ; ) {
    try {
      const { status } = await readServer(client, id)
      if (status === 'DELETED' || status === 'SOFT_DELETED') return
    } catch (error) {
      if (error instanceof CloudError && error.status === 404) return
      throw error
    }
    if (Date.now() > end) {
      throw new MlopsError('openstack.delete-time', `the cloud has not removed server ${id} within five minutes`, {
        hint: 'run mlops destroy again later',
      })
    }
    await client.pause(LOOK_MS)
  }
}

/** Ports of servers that have just gone hold on to their group for a moment. */
async function removeGroup(client: CloudClient, id: string): Promise<void> {
  for (let turn = 1; ; turn++) {
    try {
      return await client.delete('network', `/security-groups/${id}`)
    } catch (error) {
      if (!(error instanceof CloudError && error.status === 409) || turn === 20) throw error
    }
    await client.pause(LOOK_MS)
  }
}

function nameOf(server: NovaServer): string {
  return server.metadata[tag.SERVER] ?? server.name
}

function noteOf(server: NovaServer): string {
  const volumes = server['os-extended-volumes:volumes_attached']?.length ?? 0
  return [
    addressOf(server) ?? 'no address yet',
    server.metadata[tag.FLAVOR] ?? server.flavor.id,
    `made ${server.created}`,
    ...(volumes > 0 ? ['with its volume'] : []),
  ].join(', ')
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
