import { MlopsError } from '../../errors.ts'
import type { Project, ServerSpec } from '../../project/project.ts'
import { settle } from '../concurrency.ts'
import type { Progress } from '../provider.ts'
import { capabilityArguments } from './capabilities.ts'
import { networkName } from './containers.ts'
import { engineInfo, isLocal, tryDocker } from './engine.ts'
import { ImageShop } from './images.ts'
import { resolvers } from './machine.ts'
import { ensureNetwork } from './network.ts'
import { reference, type Suite } from './recipe.ts'
import { serverRecipe } from './recipes/server.ts'
import { ensureRegistry, REGISTRY_HOSTS } from './registry.ts'
import { addressAt, parseSubnet } from './subnet.ts'

/** What all servers need before the first one is made. */
export interface Kit {
  /** Names of `mlops.yml` → references of the engine. */
  readonly images: ReadonlyMap<string, string>
  readonly capabilities: readonly string[]
  /** Authority of the local registry (PEM); undefined: servers pull from elsewhere. */
  readonly authority: string | undefined
  /** Lines for /etc/hosts as Docker takes them, `name:address`. */
  readonly hosts: readonly string[]
  readonly dns: readonly string[]
  /** Whether addresses of containers can be reached from here. */
  readonly local: boolean
}

/** Makes images, network and registry ready, as much as possible at the same time. */
export async function prepareKit(project: Project, specs: readonly ServerSpec[], progress: Progress): Promise<Kit> {
  const info = await engineInfo()
  const local = !('unreachable' in info) && isLocal(info)
  const shop = new ImageShop(progress)
  const subnet = parseSubnet(project.docker.subnet)
  const registryAddress = (subnet && addressAt(subnet, 2)) ?? ''
  const registry = ensureNetwork(project, progress, local).then(() =>
    localRegistry(project, shop, registryAddress, progress),
  )
  const names = [...new Set(specs.map(spec => spec.image))]
  const images = settle(names.map(async name => [name, await serverImage(name, shop)] as const))
  await settle<unknown>([images, registry])
  const found = await images
  const authority = await registry
  return {
    images: new Map(found),
    capabilities: await capabilityArguments(found[0]?.[1] ?? ''),
    authority,
    hosts: authority === undefined ? [] : REGISTRY_HOSTS.map(host => `${host}:${registryAddress}`),
    dns: project.docker.dns.length > 0 ? project.docker.dns : resolvers(),
    local,
  }
}

/** A registry of our own serves only where servers could not pull by themselves. */
async function localRegistry(
  project: Project,
  shop: ImageShop,
  address: string,
  progress: Progress,
): Promise<string | undefined> {
  if (project.docker.registryMirror.kind !== 'local' || (await shop.canPull())) return undefined
  return ensureRegistry(shop, { network: networkName(project), address }, progress)
}

const SUITES: Readonly<Record<string, Suite>> = { 'debian-13': 'trixie', 'debian-12': 'bookworm' }

/** `debian-13` and `debian-12` are made here; anything else is a Docker image that boots systemd, sshd and cloud-init. */
/** Names the image that a name of `mlops.yml` stands for, as it is now. */
export async function imageIdentity(name: string): Promise<string> {
  const suite = SUITES[name]
  if (suite !== undefined) return reference(serverRecipe(suite))
  const found = await tryDocker(['image', 'inspect', '--format', '{{.Id}}', name])
  return found.status === 0 ? found.stdout.trim() : name
}

async function serverImage(name: string, shop: ImageShop): Promise<string> {
  const suite = SUITES[name]
  const image = suite === undefined ? await shop.pulled(name) : await shop.built(serverRecipe(suite))
  if (image !== undefined) return image
  throw new MlopsError('docker.image', `image ${name} is neither here nor can it be pulled`, {
    hint: 'use debian-13 or debian-12, which are made on this machine',
  })
}
