import { createHash } from 'node:crypto'
import { parseReference } from './reference.ts'
import { INDEX_TYPES, MANIFEST_TYPES } from './registry.ts'
import { type RegistryOptions, Session } from './session.ts'

/** What a registry knows of an image. */
export interface RemoteImage {
  readonly digest: string
  readonly mediaType: string
  /** One for each platform that it is there for. */
  readonly variants: readonly Variant[]
  /** What its builder says beside it: `sbom`, `provenance`, or the type of anything else. */
  readonly attestations: readonly string[]
}

export interface Variant {
  /** Such as `linux/arm64/v8`. */
  readonly platform: string
  readonly digest: string
  /** The id that the classic store of an engine gives the image. */
  readonly configDigest: string
  /** Of what is downloaded, compressed. */
  readonly sizeBytes: number
  /** ISO 8601. */
  readonly created: string | undefined
  readonly labels: Readonly<Record<string, string>>
}

/** Parts of the manifests of OCI's Image specification 1.1. */
interface Descriptor {
  readonly digest: string
  readonly size: number
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string }
  readonly annotations?: Readonly<Record<string, string>>
}
interface Manifest {
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}
interface Configuration {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly created?: string
  readonly config?: { readonly Labels?: Readonly<Record<string, string>> | null }
}

/** Reads an image in a registry with all that belongs to it; undefined: it is not there. Throws as `findImage`. */
export async function inspectImage(reference: string, options: RegistryOptions = {}): Promise<RemoteImage | undefined> {
  const image = parseReference(reference)
  const session = new Session(image, options)
  const top = await readManifest(session, image.digest ?? image.tag ?? 'latest')
  if (top === undefined) return undefined
  const { digest, mediaType } = top
  if (!INDEX_TYPES.includes(mediaType)) {
    return {
      digest,
      mediaType,
      variants: [await readVariant(session, digest, top.value as Manifest)],
      attestations: [],
    }
  }
  const { manifests } = top.value as { manifests: readonly Descriptor[] }
  const children = await Promise.all(
    manifests.map(async entry => ({
      entry,
      manifest: (await readManifest(session, entry.digest))?.value as Manifest | undefined,
    })),
  )
  const variants: Variant[] = []
  const attestations = new Set<string>()
  for (const { entry, manifest } of children) {
    if (manifest === undefined) continue
    // how BuildKit puts attestations beside images ("Image attestation storage")
    if (entry.annotations?.['vnd.docker.reference.type'] === 'attestation-manifest') {
      for (const { annotations } of manifest.layers)
        attestations.add(attestationOf(annotations?.['in-toto.io/predicate-type']))
    } else variants.push(await readVariant(session, entry.digest, manifest))
  }
  return { digest, mediaType, variants, attestations: [...attestations].sort() }
}

function attestationOf(type = 'unknown'): string {
  if (type.startsWith('https://spdx.dev/')) return 'sbom'
  return type.startsWith('https://slsa.dev/provenance/') ? 'provenance' : type
}

async function readVariant(session: Session, digest: string, { config, layers }: Manifest): Promise<Variant> {
  const { body } = await session.ask('GET', `blobs/${config.digest}`, {})
  const said = JSON.parse(body.toString('utf8')) as Configuration
  return {
    platform: [said.os, said.architecture, ...(said.variant ? [said.variant] : [])].join('/'),
    ...{ digest, configDigest: config.digest, created: said.created },
    sizeBytes: layers.reduce((sum, { size }) => sum + size, config.size),
    labels: said.config?.Labels ?? {},
  }
}

async function readManifest(session: Session, name: string) {
  const headers = { accept: [...INDEX_TYPES, ...MANIFEST_TYPES].join(', ') }
  const answer = await session.ask('GET', `manifests/${name}`, headers)
  if (answer.status === 404) return undefined
  const value: unknown = JSON.parse(answer.body.toString('utf8'))
  return {
    value,
    digest: `sha256:${createHash('sha256').update(answer.body).digest('hex')}`,
    mediaType: (answer.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '',
  }
}

/** The tags of a repository, in the order of their names; empty: it is not there. Throws as `findImage`. */
export async function listRemoteTags(name: string, options: RegistryOptions = {}): Promise<string[]> {
  const { status, body } = await new Session(parseReference(name), options).ask('GET', 'tags/list', {})
  if (status === 404) return []
  const { tags }: { tags?: unknown } = JSON.parse(body.toString('utf8'))
  return Array.isArray(tags) ? tags.map(String).sort() : []
}
