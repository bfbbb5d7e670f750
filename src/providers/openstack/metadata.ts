import { createHash } from 'node:crypto'
import type { OpenStackServer } from '../../project/openstack.ts'
import type { ServerSpec } from '../../project/project.ts'
import { userData } from '../user-data.ts'

/** Which project a server belongs to. What is tagged so, and was made by us at the cloud, is ours to remove. */
export const PROJECT = 'mlops-project'
export const SERVER = 'mlops-server'
/** ISO 8601, by our clock. */
export const CREATED = 'mlops-created'
/** ISO 8601; absent: it stays. */
export const EXPIRES = 'mlops-expires'
export const USER = 'mlops-user'
/** Public host key, made before the first boot. */
export const HOST_KEY = 'mlops-host-key'
/** Digest of the public key that may log in. */
export const LOGIN_KEY = 'mlops-login-key'
/** Names of what was chosen. */
export const IMAGE = 'mlops-image'
export const FLAVOR = 'mlops-flavor'
export const NETWORK = 'mlops-network'
/** Digests of what `mlops.yml` said. */
export const SETTINGS = 'mlops-settings'
export const USER_DATA = 'mlops-user-data'

/** What other things of a project are called, or described with. */
export function ownName(project: string): string {
  return `mlops-${project}`
}

/** Digest of the settings that nothing else shows. */
export function settingsDigest(settings: OpenStackServer): string {
  const { network, securityGroups, keyPair, bootVolumeGb, availabilityZone } = settings
  return digest(JSON.stringify([network, securityGroups, keyPair, bootVolumeGb, availabilityZone]))
}

/** Digest of a server's user data, whatever key is put into it. */
export function userDataDigest(spec: ServerSpec): string {
  return digest(userData(spec, ''))
}

/** Digest of a public key without its comment. */
export function keyDigest(publicKey: string): string {
  return digest(publicKey.trim().split(/\s+/).slice(0, 2).join(' '))
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
