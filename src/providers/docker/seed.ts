import { randomUUID } from 'node:crypto'
import type { KeyPair } from '../key-pair.ts'
import { type TarEntry, tar } from '../tar.ts'
import { type Login, vendorData } from '../vendor-data.ts'
import { AUTHORITY_FILE } from './recipes/server.ts'

export interface Seed {
  readonly server: string
  /** The user's file with the key in its place. */
  readonly userData: string
  readonly hostKey: KeyPair
  readonly login: Login
  /** PEM; undefined: the servers trust no registry of ours. */
  readonly authority: string | undefined
  /** A mirror that the server's Docker Engine asks first. */
  readonly mirrorUrl: string | undefined
}

/** What is put into a server before its first boot, as an archive for `/`. */
export function seedArchive(seed: Seed): Buffer {
  const entries: TarEntry[] = [
    { path: `${NO_CLOUD}/user-data`, content: seed.userData, mode: 0o600 },
    { path: `${NO_CLOUD}/vendor-data`, content: vendorData(seed.hostKey, seed.login), mode: 0o600 },
    { path: `${NO_CLOUD}/meta-data`, content: metaData(seed.server), mode: 0o600 },
  ]
  if (seed.authority !== undefined) entries.push({ path: AUTHORITY_FILE, content: seed.authority })
  if (seed.mirrorUrl !== undefined) entries.push({ path: DROP_IN, content: mirrorDropIn(seed.mirrorUrl) })
  return tar(entries)
}

const NO_CLOUD = 'var/lib/cloud/seed/nocloud'

/** A new instance for each container, so that cloud-init runs; the same one at each of its boots, so that it runs once. */
function metaData(server: string): string {
  return `instance-id: i-${randomUUID()}\nlocal-hostname: ${server}\n`
}

const DROP_IN = 'etc/systemd/system/docker.service.d/10-registry-mirror.conf'

/** Debian's docker.service passes DOCKER_OPTS on; so a playbook may write daemon.json without losing the mirror. */
export function mirrorDropIn(url: string): string {
  const options = [`--registry-mirror=${url}`]
  // BuildKit of engine 20.10 asks plain HTTP mirrors only when they are named, with the scheme, as insecure.
  if (url.startsWith('http:')) options.push(`--insecure-registry=${url}`, `--insecure-registry=${new URL(url).host}`)
  return `[Service]\nEnvironment="DOCKER_OPTS=${options.join(' ')}"\n`
}
