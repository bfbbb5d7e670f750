import { MlopsError } from '../errors.ts'
import { type CommandOptions, lastLines } from '../providers/command.ts'
import { type Engine, runEngine } from './engine.ts'
import { engineImage } from './engine-image.ts'
import { inspectImage, type RemoteImage } from './inspect.ts'
import { DOCKER_HUB, parseReference } from './reference.ts'
import type { RegistryOptions } from './session.ts'
import { mayBePlain } from './trust.ts'

export interface PushOptions {
  /** Whether a tag that names another image may be moved. */
  readonly force: boolean
  readonly onLine?: (line: string) => void
  readonly signal?: AbortSignal | undefined
  readonly registry?: RegistryOptions
}

export interface Pushed {
  readonly digest: string
  readonly outcome: 'pushed' | 'unchanged'
}

/**
 * Pushes an image of the engine, unless the registry has it. Throws `image.missing`, `image.tag-taken`,
 * `image.push`, and what asking the registry throws.
 */
export async function push(
  engine: Engine,
  reference: string,
  { force, onLine, signal, registry = {} }: PushOptions,
): Promise<Pushed> {
  const here = await engineImage(engine, reference)
  if (here === undefined) {
    throw new MlopsError('image.missing', `the engine has no image ${reference}`, { hint: 'mlops image build' })
  }
  const there = await seenBefore(reference, { ...registry, signal })
  if (there !== undefined && isSame(there, here.id)) return { digest: there.digest, outcome: 'unchanged' }
  if (there !== undefined && !force) throw tagTaken(reference, there)
  const options: CommandOptions = { signal, ...(onLine && { onLine }) }
  const words = engine.kind === 'podman' && isInsecure(reference, registry) ? ['--tls-verify=false'] : []
  const result = await runEngine(engine, ['push', ...words, '--', reference], options)
  if (result.status !== 0) throw failed(reference, lastLines(result.stderr, 3))
  const digest = /^\S+: digest: (sha256:[0-9a-f]{64}) size: /m.exec(result.stdout)?.[1]
  const pushed = digest ?? (await inspectImage(reference, { ...registry, signal }))?.digest
  if (pushed === undefined) throw failed(reference, 'the registry does not have it afterwards')
  return { digest: pushed, outcome: 'pushed' }
}

/**
 * What the registry has before a push. Undefined also where the login may not look: some registries say so of what they do
 * not have yet, and whoever may push but not pull is told by the push itself.
 */
export async function seenBefore(reference: string, options: RegistryOptions): Promise<RemoteImage | undefined> {
  try {
    return await inspectImage(reference, options)
  } catch (error) {
    if (error instanceof MlopsError && error.code === 'image.denied') return undefined
    throw error
  }
}

/** What to say of a tag that names another image. */
export function tagTaken(reference: string, { digest, variants }: RemoteImage): MlopsError {
  const revision = variants[0]?.labels['org.opencontainers.image.revision']
  const of = revision === undefined ? '' : `, made of commit ${revision.slice(0, 12)}`
  return new MlopsError('image.tag-taken', `${reference} is another image in the registry: ${digest}${of}`, {
    hint: 'who has deployed it would get another one: commit and build again, or give another --tag, or --force',
  })
}

/** An engine's id is that of the configuration, or with containerd's image store the digest itself. */
function isSame({ digest, variants }: RemoteImage, id: string): boolean {
  return digest === id || variants.some(({ configDigest, digest }) => configDigest === id || digest === id)
}

/** Podman has to be told, also of registries on this machine. */
function isInsecure(reference: string, { insecure }: RegistryOptions): boolean {
  return insecure ?? mayBePlain(parseReference(reference).registry)
}

function failed(reference: string, said: string): MlopsError {
  const { registry } = parseReference(reference)
  const login = registry === DOCKER_HUB ? 'docker login' : `docker login ${registry}`
  const hint = /denied|unauthorized|no basic auth|authentication required/i.test(said)
    ? `${login}, with a name that may push there`
    : /x509|certificate/i.test(said)
      ? `the engine does not trust it: put the certificate of its authority into /etc/docker/certs.d/${registry}/ca.crt on the machine of the engine`
      : /HTTP response to HTTPS client/i.test(said)
        ? 'the engine wants TLS: name the registry under insecure-registries in /etc/docker/daemon.json'
        : 'run it again: what has arrived is not sent again'
  return new MlopsError('image.push', `${reference} could not be pushed: ${said}`, { hint })
}
