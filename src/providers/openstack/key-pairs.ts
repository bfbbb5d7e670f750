import type { Project } from '../../project/project.ts'
import type { Progress } from '../provider.ts'
import type { CloudClient } from './client.ts'
import { CloudError } from './cloud-errors.ts'
import { keyDigest, ownName } from './metadata.ts'
import type { KeyPair } from './wire.ts'

/** The key pairs that we made for a project: one for each key that it has had. */
export async function ownKeyPairs(client: CloudClient, { name }: Pick<Project, 'name'>): Promise<KeyPair[]> {
  const all = (await client.list('compute', '/os-keypairs', 'keypairs')) as { keypair: KeyPair }[] // Nova's own JSON
  return all
    .map(({ keypair }) => keypair)
    .filter(pair => pair.name === `${ownName(name)}-${keyDigest(pair.public_key)}`)
}

/** Makes the cloud know a public key, under a name that is the project's and the key's. Gives the name. */
export async function ensureKeyPair(
  client: CloudClient,
  project: Pick<Project, 'name'>,
  { publicKey, onStep }: { publicKey: string; onStep: Progress['onStep'] },
): Promise<string> {
  const name = `${ownName(project.name)}-${keyDigest(publicKey)}`
  const find = async () => (await ownKeyPairs(client, project)).find(pair => pair.name === name)
  if (await find()) return name
  await client.once<unknown>(find, async () => {
    try {
      return await client.post('compute', '/os-keypairs', { keypair: { name, public_key: publicKey.trim() } })
    } catch (error) {
      // another run of ours was quicker
      if (error instanceof CloudError && error.status === 409 && (await find())) return name
      throw error
    }
  })
  onStep(`key pair ${name} made`)
  return name
}
