import { MlopsError } from '../../errors.ts'
import type { Project } from '../../project/project.ts'
import { hostKey, type LoginKey } from '../cluster-key.ts'
import type { Choice, Wish } from './choices.ts'
import type { CloudClient } from './client.ts'
import { firstBoot } from './first-boot.ts'
import * as tag from './metadata.ts'
import { ownServers, readServer } from './servers.ts'
import type { NovaServer } from './wire.ts'

export interface NewServer {
  readonly wish: Wish
  readonly choice: Choice
  /** Id of what it boots: the image that was chosen, or one that was baked of it. */
  readonly imageId: string
  readonly key: LoginKey
  /** Ids of groups. */
  readonly groups: readonly string[]
  readonly keyPair: string
  /** ISO 8601; undefined: it stays. */
  readonly expiresAt: string | undefined
}

/** Asks for a server; it is not there yet when this returns. Nothing is doubled when nobody knows whether the cloud heard us. */
export async function makeServer(client: CloudClient, project: Project, wanted: NewServer): Promise<NovaServer> {
  const { wish } = wanted
  const body = { server: requestOf(project, wanted) }
  const id = await client.once(
    async () => (await ownServers(client, project)).find(one => one.metadata[tag.SERVER] === wish.spec.name)?.id,
    // Nova's own JSON
    async () => ((await client.post('compute', '/servers', body)) as { server: { id: string } }).server.id,
  )
  return readServer(client, id)
}

/** How often a server that is being built is looked at. */
const LOOK_MS = 1500

/**
 * Waits until a server runs. Throws `openstack.no-host`, `openstack.server-failed` with the cloud's own words, and
 * `openstack.build-time`.
 */
export async function awaitActive(
  client: CloudClient,
  first: NovaServer,
  { timeoutMs, onState }: { timeoutMs: number; onState: (server: NovaServer) => void },
): Promise<NovaServer> {
  const end = Date.now() + timeoutMs
  for (let server = first; ; server = await readServer(client, first.id)) {
    onState(server)
    if (server.status === 'ACTIVE') return server
    if (server.status === 'ERROR') throw failure(server)
    if (Date.now() > end) {
      throw new MlopsError(
        'openstack.build-time',
        `the cloud has been making ${server.name} for ${Math.round(timeoutMs / 60_000)} minutes, and is not done`,
        { hint: 'mlops provision again goes on waiting; mlops destroy removes it' },
      )
    }
    await client.pause(LOOK_MS)
  }
}

function failure(server: NovaServer): MlopsError {
  const fault = server.fault?.message.trim() ?? 'the cloud does not say why'
  if (/no valid host/i.test(fault)) {
    return new MlopsError('openstack.no-host', `${server.name} could not be made: ${fault}`, {
      hint: 'no machine of the cloud has room for it: choose a smaller `flavor` or another `availability_zone`, or try later',
    })
  }
  return new MlopsError('openstack.server-failed', `${server.name} could not be made: ${fault}`, {
    hint: `the cloud says no more; its operator can look for server ${server.id}`,
  })
}

function requestOf(project: Project, { wish, choice, imageId, key, groups, keyPair, expiresAt }: NewServer): unknown {
  const { spec, settings } = wish
  const { image, flavor, network } = choice
  const pair = hostKey(project, spec.name)
  const metadata = {
    [tag.PROJECT]: project.name,
    [tag.SERVER]: spec.name,
    [tag.CREATED]: new Date().toISOString(),
    ...(expiresAt !== undefined && { [tag.EXPIRES]: expiresAt }),
    [tag.USER]: spec.user,
    [tag.HOST_KEY]: pair.publicKey,
    [tag.LOGIN_KEY]: tag.keyDigest(key.publicKey),
    [tag.IMAGE]: image.name,
    [tag.FLAVOR]: flavor.name,
    [tag.NETWORK]: network.name,
    [tag.SETTINGS]: tag.settingsDigest(settings),
    [tag.USER_DATA]: tag.userDataDigest(spec),
  }
  return {
    name: spec.name,
    flavorRef: flavor.id,
    ...(settings.bootVolumeGb === undefined
      ? { imageRef: imageId }
      : { imageRef: '', block_device_mapping_v2: [bootVolume(imageId, settings.bootVolumeGb)] }),
    networks: [{ uuid: network.id }],
    security_groups: groups.map(name => ({ name })),
    key_name: keyPair,
    ...(settings.availabilityZone !== undefined && { availability_zone: settings.availabilityZone }),
    user_data: firstBoot(spec, key.publicKey, pair),
    metadata,
  }
}

/** A volume that is made from the image, and goes with the server (Nova API, "Block Device Mapping v2"). */
function bootVolume(image: string, sizeGb: number): unknown {
  return {
    ...{ boot_index: 0, uuid: image, source_type: 'image', destination_type: 'volume' },
    ...{ volume_size: sizeGb, delete_on_termination: true },
  }
}
