import { MlopsError } from '../../errors.ts'
import type { Project } from '../../project/project.ts'
import type { BakedImage, Progress } from '../provider.ts'
import type { CloudClient } from './client.ts'
import { CloudError } from './cloud-errors.ts'
import { readServer } from './servers.ts'
import type { Image, NovaServer } from './wire.ts'

/** Glance's own properties of an image say whose it is: a project of ours, and a user of the cloud. */
const PROJECT = 'mlops_project'
const USER = 'mlops_user'

const LOOK_MS = 2000
const LONGEST_MS = 1_800_000

/** The baked images of a project, as Glance has them, newest first. */
export async function findBaked(
  client: CloudClient,
  { name }: Pick<Project, 'name'>,
  status: 'active' | 'any' = 'active',
): Promise<Image[]> {
  const { userId } = await client.session()
  const filter = new URLSearchParams({ [PROJECT]: name, [USER]: userId, ...(status === 'active' && { status }) })
  const found = (await client.list('image', `/images?${filter}`, 'images')) as Image[] // Glance's own JSON
  return found.sort((a, b) => (a.created_at < b.created_at ? 1 : -1))
}

/** The same, as all providers describe them. */
export async function listBaked(client: CloudClient, project: Pick<Project, 'name'>): Promise<BakedImage[]> {
  const names = new Map<string, BakedImage>()
  for (const { name, created_at, size } of (await findBaked(client, project)).reverse()) {
    names.set(name, { name, createdAt: created_at, sizeBytes: size ?? undefined })
  }
  return [...names.values()]
}

/** Makes an image of a server, which is stopped for it. What had the name before is removed when the new image is whole. */
export async function saveBaked(
  client: CloudClient,
  server: NovaServer,
  { image: { name, owner }, progress }: { image: { name: string; owner: Pick<Project, 'name'> }; progress: Progress },
): Promise<void> {
  const since = Date.now()
  await stop(client, server)
  const before = await findBaked(client, owner, 'any')
  const { userId } = await client.session()
  const body = { createImage: { name, metadata: { [PROJECT]: owner.name, [USER]: userId } } }
  const fresh = async () =>
    (await findBaked(client, owner, 'any')).find(one => one.name === name && before.every(({ id }) => id !== one.id))
  await client.once<unknown>(fresh, () => client.post('compute', `/servers/${server.id}/action`, body))
  await whole(client, name, fresh)
  for (const old of before.filter(one => one.name === name)) await client.delete('image', `/images/${old.id}`)
  progress.onStep(`image ${name} made of ${server.name} (${((Date.now() - since) / 1000).toFixed(1)} s)`)
}

/** Removes all images of a name. One that servers still need stays, with a warning. */
export async function removeBaked(
  client: CloudClient,
  project: Pick<Project, 'name'>,
  { name, progress }: { name: string; progress: Progress },
): Promise<void> {
  for (const { id } of (await findBaked(client, project, 'any')).filter(one => one.name === name)) {
    try {
      await client.delete('image', `/images/${id}`)
      progress.onStep(`image ${name} removed`)
    } catch (error) {
      if (!(error instanceof CloudError && [403, 409].includes(error.status))) throw error
      progress.onWarning(`image ${name} is still in use, and stays`)
    }
  }
}

/** What is written while a picture is taken may be half there. */
async function stop(client: CloudClient, server: NovaServer): Promise<void> {
  if (server.status === 'ACTIVE') await client.post('compute', `/servers/${server.id}/action`, { 'os-stop': null })
  for (const end = Date.now() + LONGEST_MS; (await readServer(client, server.id)).status !== 'SHUTOFF'; ) {
    if (Date.now() > end) throw tooLong(`the cloud does not stop ${server.name}`)
    await client.pause(LOOK_MS)
  }
}

async function whole(client: CloudClient, name: string, fresh: () => Promise<Image | undefined>): Promise<void> {
  for (const end = Date.now() + LONGEST_MS; ; ) {
    const image = await fresh()
    if (image?.status === 'active') return
    if (Date.now() > end) throw tooLong(`the cloud does not finish image ${name}`)
    if (image !== undefined && ['killed', 'deleted', 'deactivated'].includes(image.status)) {
      throw new MlopsError('openstack.image-failed', `the cloud could not make image ${name}: it is ${image.status}`, {
        hint: 'look at the quota of images, or ask its operator',
      })
    }
    await client.pause(LOOK_MS)
  }
}

function tooLong(message: string): MlopsError {
  return new MlopsError('openstack.image-time', `${message} within half an hour`, { hint: 'run mlops bake again' })
}
