import { request } from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'
import { MlopsError } from '../../errors.ts'
import { settle } from '../concurrency.ts'
import type { Progress } from '../provider.ts'
import { tar } from '../tar.ts'
import { took } from '../took.ts'
import { makeCertificate } from './certificate.ts'
import { docker, dockerLines, tryDocker } from './engine.ts'
import type { ImageShop } from './images.ts'
import { labelArguments, PROJECT, REGISTRY } from './labels.ts'
import { type Recipe, reference } from './recipe.ts'
import { haproxyRecipe } from './recipes/haproxy.ts'
import { nodeRecipe } from './recipes/node.ts'
import { rabbitmqRecipe } from './recipes/rabbitmq.ts'
import { registryRecipe } from './recipes/registry.ts'

/** The registry of this machine: one container for all projects, joined to each project's network. */
export const REGISTRY_NAME = 'mlops-registry'
const VOLUME = 'mlops-registry-data'
const MOST_TRIES = 5
const BETWEEN_TRIES_MS = 200

/**
 * Names that servers find the registry under: that of Docker Hub's registry (a constant of the Docker Engine,
 * DefaultV2Registry), so that short image names work with pull, Compose and BuildKit alike, and one of its own.
 */
export const REGISTRY_HOSTS = ['registry-1.docker.io', 'registry.mlops']

/** Images that the registry holds for the servers, as a predictor's Dockerfile and Compose file name them. */
function stock(): { name: string; make: (shop: ImageShop) => Promise<string>; key: string }[] {
  const recipe = (name: string, from: Recipe) => ({
    name,
    key: tagOf(reference(from)),
    make: async (shop: ImageShop) => (await shop.pulled(name)) ?? shop.built(from),
  })
  return [
    recipe('node:20-bookworm-slim', nodeRecipe()),
    recipe('rabbitmq:3-management', rabbitmqRecipe()),
    recipe('haproxy:lts', haproxyRecipe()),
    { name: 'debian:bookworm-slim', key: 'base', make: shop => shop.base('bookworm') },
  ]
}

/**
 * Makes the registry run with all images in it, joined to a network under an address, and gives the certificate of its authority (PEM).
 * The network is there already: who ends the registry sees by it that it will be needed.
 */
export async function ensureRegistry(
  shop: ImageShop,
  { network, address }: { readonly network: string; readonly address: string },
  progress: Progress,
): Promise<string> {
  const images = stock().map(image => ({ ...image, made: image.make(shop) }))
  // Builds go on while the registry starts; one that fails is reported when it is pushed.
  for (const image of images) image.made.catch(() => {})
  const { authority, port } = await joinedRegistry(shop, { network, address }, progress)
  await answering(port, authority)
  await settle(images.map(async ({ name, key, made }) => push(name, key, await made, { port, authority, progress })))
  return authority
}

/** Makes the registry run, joins it to a network and reads what is known of it: all again when somebody ends it meanwhile. */
async function joinedRegistry(
  shop: ImageShop,
  { network, address }: { readonly network: string; readonly address: string },
  progress: Progress,
): Promise<{ authority: string; port: number }> {
  for (let tries = 1; ; tries++) {
    try {
      if (!(await isRunning())) await run(await shop.built(registryRecipe()), progress)
      await joinRegistry(network, address)
      const authority = await docker(['exec', REGISTRY_NAME, 'cat', `${CERTIFICATES}/authority.crt`])
      return { authority, port: await publishedPort() }
    } catch (error) {
      if (tries === MOST_TRIES) throw error
      await wait(BETWEEN_TRIES_MS)
    }
  }
}

/** Joins the registry to a network under an address. */
async function joinRegistry(network: string, address: string): Promise<void> {
  const joined = await docker(['inspect', '--format', '{{json .NetworkSettings.Networks}}', REGISTRY_NAME])
  if (Object.keys(JSON.parse(joined)).includes(network)) return
  const result = await tryDocker(['network', 'connect', '--ip', address, network, REGISTRY_NAME])
  if (result.status === 0 || result.stderr.includes('already exists')) return
  throw new MlopsError('registry.network', `the registry cannot join ${network}: ${result.stderr.trim()}`)
}

/** Takes the registry from a network. */
export async function leaveRegistry(network: string): Promise<void> {
  await tryDocker(['network', 'disconnect', '--force', network, REGISTRY_NAME])
}

/** Ends the registry, and says whether: not while others use it or are about to. Its images stay in the volume. */
export async function endRegistry(own: readonly string[]): Promise<boolean> {
  if (await isUsedByOthers(own)) return false
  const { status, stdout, stderr } = await tryDocker(['rm', '--force', REGISTRY_NAME])
  // newer engines take one that is not there for removed, and print no name
  if (status === 0) return stdout.trim() !== ''
  if (/no such container|already in progress/i.test(stderr)) return false
  throw new MlopsError('registry.end', `the registry cannot be ended: ${stderr.trim()}`)
}

/** Whether there are networks of other projects than one's own: the registry serves them, or will in a moment. */
export async function isUsedByOthers(own: readonly string[]): Promise<boolean> {
  const projects = await dockerLines(['network', 'ls', '--format', '{{.Name}}', '--filter', `label=${PROJECT}`])
  const joined = await tryDocker(['inspect', '--format', '{{json .NetworkSettings.Networks}}', REGISTRY_NAME])
  const served = joined.status === 0 ? Object.keys(JSON.parse(joined.stdout)).filter(name => name !== 'bridge') : []
  return [...projects, ...served].some(name => !own.includes(name))
}

/** The registry's volume, when there is one. */
export function registryVolumes(): Promise<string[]> {
  return dockerLines(['volume', 'ls', '--quiet', '--filter', `label=${REGISTRY}`])
}

/** Certificates lie beside the images: servers that trust them outlive a registry that is made again. */
const CERTIFICATES = '/var/lib/registry/mlops'

async function run(image: string, progress: Progress): Promise<void> {
  const since = Date.now()
  const labels = labelArguments({ [REGISTRY]: 'shared' })
  await tryDocker(['volume', 'create', ...labels, VOLUME])
  const created = await tryDocker([
    ...['create', '--name', REGISTRY_NAME, ...labels, '--restart', 'unless-stopped'],
    ...['--publish', '127.0.0.1::443', '--volume', `${VOLUME}:/var/lib/registry`, image],
  ])
  const alreadyThere = created.stderr.includes('is already in use')
  if (created.status !== 0 && !alreadyThere) {
    throw new MlopsError('registry.create', `the registry cannot be made: ${created.stderr.trim()}`)
  }
  // Another run of mlops may be between `create` and `start`: it made the certificates, or will soon.
  for (let tries = 0; alreadyThere && tries < 30 && !(await hasCertificates()); tries++) await wait(100)
  if (!(await hasCertificates())) await putCertificates()
  await docker(['start', REGISTRY_NAME])
  if (!alreadyThere) progress.onStep(`registry started${took(since)}`)
}

async function isRunning(): Promise<boolean> {
  const state = await tryDocker(['inspect', '--format', '{{.State.Running}}', REGISTRY_NAME])
  return state.stdout.trim() === 'true'
}

async function hasCertificates(): Promise<boolean> {
  return (await tryDocker(['cp', `${REGISTRY_NAME}:${CERTIFICATES}/registry.key`, '-'])).status === 0
}

async function putCertificates(): Promise<void> {
  const made = await makeCertificate(REGISTRY_HOSTS)
  const files = tar([
    { path: 'mlops/authority.crt', content: made.authority },
    { path: 'mlops/registry.crt', content: made.certificate },
    { path: 'mlops/registry.key', content: made.key, mode: 0o600 },
  ])
  await docker(['cp', '-', `${REGISTRY_NAME}:/var/lib/registry`], { input: files })
}

async function publishedPort(): Promise<number> {
  const binding = (await docker(['port', REGISTRY_NAME, '443/tcp'])).split('\n')[0] ?? ''
  return Number(binding.slice(binding.lastIndexOf(':') + 1))
}

async function answering(port: number, authority: string): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    if ((await ask(port, authority, '/v2/')) === 200) return
    await wait(100)
  }
  throw new MlopsError('registry.silent', 'the registry was started, but does not answer', {
    hint: `docker logs ${REGISTRY_NAME}`,
  })
}

interface Target {
  readonly port: number
  readonly authority: string
  readonly progress: Progress
}

/** Pushes an image under its public name, and under its recipe's tag: when that is there, nothing needs to be done. */
async function push(name: string, key: string, image: string, { port, authority, progress }: Target): Promise<void> {
  const [repository = name] = name.split(':')
  if ((await ask(port, authority, `/v2/library/${repository}/manifests/${key}`)) === 200) return
  const since = Date.now()
  // Loopback addresses may be pushed to without any setting of the engine.
  for (const target of [name, `${repository}:${key}`].map(tag => `127.0.0.1:${port}/library/${tag}`)) {
    await docker(['tag', image, target])
    await docker(['push', target])
    await docker(['rmi', target])
  }
  progress.onStep(`registry holds ${name}${took(since)}`)
}

/** The status of a HEAD request to the registry; undefined when it does not answer. */
function ask(port: number, authority: string, path: string): Promise<number | undefined> {
  return new Promise(resolve => {
    const asked = request({
      ...{ host: '127.0.0.1', port, path, method: 'HEAD', timeout: 5000 },
      ...{ servername: REGISTRY_HOSTS[0], ca: authority, agent: false },
      headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json' },
    })
    asked.on('response', response => {
      response.resume()
      resolve(response.statusCode)
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(undefined))
    asked.end()
  })
}

function tagOf(image: string): string {
  return image.slice(image.lastIndexOf(':') + 1)
}
