import { createHash } from 'node:crypto'
import { parseReference } from './reference.ts'
import { type RegistryOptions, Session } from './session.ts'

export type { RegistryOptions } from './session.ts'

/** An image as a registry has it. */
export interface FoundImage {
  /** `sha256:` and 64 hex digits: of the manifest, or of the index where there is an image for several platforms. */
  readonly digest: string
  readonly mediaType: string
}

/** What a tag may name: the Image specification of OCI 1.1, and what Docker had before it. */
export const INDEX_TYPES: readonly string[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]
export const MANIFEST_TYPES: readonly string[] = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]

/**
 * Asks a registry for an image, with the login that `docker login` or `podman login` left. Undefined: the registry has
 * no such image. Without a tag or a digest it is `latest`. Throws `image.reference` and what `Session.ask` throws.
 */
export async function findImage(reference: string, options: RegistryOptions = {}): Promise<FoundImage | undefined> {
  const image = parseReference(reference)
  const session = new Session(image, options)
  const path = `manifests/${image.digest ?? image.tag ?? 'latest'}`
  const headers = { accept: [...INDEX_TYPES, ...MANIFEST_TYPES].join(', ') }
  const head = await session.ask('HEAD', path, headers)
  if (head.status === 404) return undefined
  const digest = head.headers['docker-content-digest']
  if (typeof digest === 'string' && digest !== '') return { digest, mediaType: typeOf(head.headers) }
  // the header may be left out; the digest is that of the bytes
  const { status, headers: said, body } = await session.ask('GET', path, headers)
  if (status === 404) return undefined
  return { digest: `sha256:${createHash('sha256').update(body).digest('hex')}`, mediaType: typeOf(said) }
}

function typeOf(headers: { readonly 'content-type'?: string | undefined }): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim() ?? ''
}
