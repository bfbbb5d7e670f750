import type { Position } from '../../errors.ts'
import { didYouMean } from '../../near.ts'
import type { OpenStackServer } from '../../project/openstack.ts'
import type { ServerSpec } from '../../project/project.ts'
import type { Problem } from '../provider.ts'
import type { CloudClient } from './client.ts'
import type { Flavor, Image, KeyPair, Network, SecurityGroup } from './wire.ts'

/** What a server is made of, found in the cloud. */
export interface Choice {
  readonly image: Image
  readonly flavor: Flavor
  readonly network: Network
  /** Ids; undefined: a group of our own. */
  readonly groups: readonly string[] | undefined
  /** undefined: a key pair of our own. */
  readonly keyPair: string | undefined
  /** Where its floating IP comes from; undefined: it has none. */
  readonly pool: Network | undefined
}

/** A server that is wanted, and what `mlops.yml` says about it. */
export interface Wish {
  readonly spec: ServerSpec
  readonly settings: OpenStackServer
}

/** What the cloud has to choose from. */
export interface Offer {
  readonly projectId: string
  readonly images: readonly Image[]
  readonly flavors: readonly Flavor[]
  readonly networks: readonly Network[]
  readonly groups: readonly SecurityGroup[]
  readonly keyPairs: readonly KeyPair[]
  readonly zones: readonly string[]
}

/** Asks for all that there is, at once; for what few projects name only when one does. */
export async function readOffer(client: CloudClient, wishes: readonly Wish[]): Promise<Offer> {
  const { projectId } = await client.session()
  const some = (asks: (settings: OpenStackServer) => unknown) => wishes.some(({ settings }) => asks(settings))
  const [images, flavors, networks, groups, keyPairs, zones] = await Promise.all([
    client.list('image', '/images?status=active&limit=100', 'images'),
    client.list('compute', '/flavors/detail', 'flavors'),
    client.list('network', '/networks', 'networks'),
    some(({ securityGroups }) => securityGroups)
      ? client.list('network', `/security-groups?project_id=${projectId}`, 'security_groups')
      : [],
    some(({ keyPair }) => keyPair) ? client.list('compute', '/os-keypairs', 'keypairs') : [],
    some(({ availabilityZone }) => availabilityZone)
      ? client.list('compute', '/os-availability-zone', 'availabilityZoneInfo')
      : [],
  ])
  return {
    projectId,
    // The services' own JSON: wire.ts says which parts of it we read.
    images: (images as Image[]).filter(isChoosable),
    flavors: flavors as Flavor[],
    networks: networks as Network[],
    groups: groups as SecurityGroup[],
    keyPairs: (keyPairs as { keypair: KeyPair }[]).map(({ keypair }) => keypair),
    zones: (zones as { zoneName: string }[]).map(({ zoneName }) => zoneName),
  }
}

/** Kernels and initial RAM disks boot nothing by themselves, and what was baked is used without being named. */
function isChoosable({ container_format, mlops_project }: Image): boolean {
  return !['aki', 'ari'].includes(container_format ?? '') && mlops_project === undefined
}

/** What a server needs that nobody chose a flavor for: room for Docker and the predictor. */
const ENOUGH_RAM = 2048

/** Chooses for each server by name or id, or what there is only one of. What cannot be chosen is a problem, with its place. */
export function choose(wishes: readonly Wish[], offer: Offer): { choices: Map<string, Choice>; problems: Problem[] } {
  const choices = new Map<string, Choice>()
  const problems: Problem[] = []
  for (const wish of wishes) {
    const choice = chooseOne(wish, offer, problem => {
      if (!problems.some(other => other.message === problem.message)) problems.push(problem)
    })
    if (choice) choices.set(wish.spec.name, choice)
  }
  return { choices, problems }
}

type Report = (problem: Problem) => void

function chooseOne({ spec, settings }: Wish, offer: Offer, report: Report): Choice | undefined {
  const at = (key: string) => settings.places[key] ?? spec.at
  const image = chooseImage(settings, offer, { report, at: at('image') })
  const flavor = chooseFlavor(settings, { flavors: offer.flavors, image }, { report, at: at('flavor') })
  const network = chooseNetwork(settings, offer, { report, at: at('network') })
  const pool = choosePool(settings, offer, { report, at: at('floating_ip') })
  const groups = settings.securityGroups?.map(
    name => pick('security-group', name, offer.groups, { report, at: at('security_groups') })?.id,
  )
  const named = (kind: Kind, name: string | undefined, all: readonly string[], key: string) =>
    name === undefined ||
    pick(
      kind,
      name,
      all.map(one => ({ id: one, name: one })),
      { report, at: at(key) },
    )
  const pairs = offer.keyPairs.map(pair => pair.name)
  const known = named('key-pair', settings.keyPair, pairs, 'key_pair')
  const zone = named('availability-zone', settings.availabilityZone, offer.zones, 'availability_zone')
  if (!image || !flavor || !network || pool === 'none' || groups?.includes(undefined) || !known || !zone)
    return undefined
  const found = groups?.filter(id => id !== undefined)
  return { image, flavor, network, groups: found, keyPair: settings.keyPair, pool }
}

interface Where {
  readonly report: Report
  readonly at: Position
}

function chooseImage({ image }: OpenStackServer, { images }: Offer, where: Where): Image | undefined {
  if (image === undefined) return theOnly('image', images, where)
  const found = images.filter(one => one.id === image || one.name === image)
  if (found.length === 0) return pick('image', image, images, where)
  // an image that is renewed keeps its name
  return found.reduce((newest, one) => (one.created_at > newest.created_at ? one : newest))
}

function chooseFlavor(
  { flavor, bootVolumeGb }: OpenStackServer,
  { flavors, image }: { flavors: readonly Flavor[]; image: Image | undefined },
  where: Where,
): Flavor | undefined {
  const lacks = (one: Flavor): string | undefined => {
    if (image === undefined) return undefined
    if (one.ram < image.min_ram) return `${one.ram} MB of memory, image ${image.name} needs ${image.min_ram}`
    const disk = bootVolumeGb ?? one.disk
    return disk !== 0 && disk < image.min_disk
      ? `${disk} GB of disk, image ${image.name} needs ${image.min_disk}`
      : undefined
  }
  if (flavor === undefined) {
    const bySize = [...flavors].sort((a, b) => a.vcpus - b.vcpus || a.ram - b.ram || a.disk - b.disk)
    const fit = bySize.find(one => one.ram >= ENOUGH_RAM && lacks(one) === undefined)
    return fit ?? theOnly('flavor', flavors, where)
  }
  const found = pick('flavor', flavor, flavors, where)
  const lack = found && lacks(found)
  if (found === undefined || lack === undefined) return found
  where.report({
    ...{ code: 'openstack.too-small', severity: 'error', at: where.at },
    message: `flavor ${found.name} has ${lack}`,
    hint: 'choose a larger flavor',
  })
  return undefined
}

/** Nova's own rule for who names none: the project's only network, else the only one that is shared with it. */
function chooseNetwork(
  { network }: OpenStackServer,
  { networks, projectId }: Offer,
  where: Where,
): Network | undefined {
  if (network !== undefined) return pick('network', network, networks, where)
  const inner = networks.filter(one => !one['router:external'])
  const own = inner.filter(one => one.project_id === projectId)
  return theOnly('network', own.length > 0 ? own : inner.filter(one => one.shared), where)
}

function choosePool({ floatingIp }: OpenStackServer, { networks }: Offer, where: Where): Network | undefined | 'none' {
  if (floatingIp === false) return undefined
  const pools = networks.filter(one => one['router:external'])
  const found =
    floatingIp === true ? theOnly('external-network', pools, where) : pick('external-network', floatingIp, pools, where)
  return found ?? 'none'
}

type Kind = 'image' | 'flavor' | 'network' | 'external-network' | 'security-group' | 'key-pair' | 'availability-zone'

interface Named {
  readonly id: string
  readonly name: string
}

function pick<T extends Named>(kind: Kind, wanted: string, all: readonly T[], { report, at }: Where): T | undefined {
  const found = all.filter(one => one.id === wanted)
  if (found.length === 0) found.push(...all.filter(one => one.name === wanted))
  const [first] = found
  if (found.length === 1 && first !== undefined) return first
  const names = [...new Set(all.map(one => one.name))]
  const word = kind.replaceAll('-', ' ')
  report(
    found.length === 0
      ? {
          ...{ code: `openstack.no-${kind}`, severity: 'error', at },
          message: `the cloud has no ${word} ${wanted}`,
          hint: didYouMean(wanted, names) ?? (names.length === 0 ? `it has none at all` : `it has ${listed(names)}`),
        }
      : {
          ...{ code: `openstack.several-${kind}s`, severity: 'error', at },
          message: `the cloud has ${found.length} of the name ${wanted}: ${word}s ${found.map(one => one.id).join(', ')}`,
          hint: 'give the id in place of the name',
        },
  )
  return undefined
}

/** What nobody named is clear only where there is one. */
function theOnly<T extends Named>(kind: Kind, all: readonly T[], { report, at }: Where): T | undefined {
  const [first] = all
  if (all.length === 1 && first !== undefined) return first
  const key = kind === 'external-network' ? 'floating_ip' : kind.replaceAll('-', '_')
  const word = kind.replaceAll('-', ' ')
  report({
    ...{ code: `openstack.no-${kind}`, severity: 'error', at },
    message: all.length === 0 ? `the cloud offers no ${word}` : `mlops.yml names no ${word}, and the cloud has several`,
    hint:
      all.length === 0
        ? 'ask its operator for one'
        : `write \`${key}:\` below \`openstack:\`, one of ${listed(all.map(one => one.name))}`,
  })
  return undefined
}

function listed(names: readonly string[]): string {
  const sorted = [...new Set(names)].sort()
  return sorted.length > 12 ? `${sorted.slice(0, 12).join(', ')} and ${sorted.length - 12} more` : sorted.join(', ')
}
