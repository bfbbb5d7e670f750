import type { Position } from '../errors.ts'
import { at, type Entry, type SourceNode } from '../source/node.ts'

/** How provider `openstack` makes servers. Things are named by name or id. */
export interface OpenStackSettings {
  /** A cloud of clouds.yaml; undefined: OS_CLOUD, else the OS_* variables. */
  readonly cloud: string | undefined
  readonly region: string | undefined
  /** Server → what it gets, with the project's own settings filled in. */
  readonly servers: ReadonlyMap<string, OpenStackServer>
}

/** What a server of provider `openstack` gets; undefined: what there is only one of, or a default. */
export interface OpenStackServer {
  readonly image: string | undefined
  readonly flavor: string | undefined
  readonly network: string | undefined
  /** undefined: a group of our own. */
  readonly securityGroups: readonly string[] | undefined
  /** undefined: a key pair of our own, of the cluster key. */
  readonly keyPair: string | undefined
  /** false: none; true: from the only external network; else from the network of this name. */
  readonly floatingIp: boolean | string
  /** Gigabytes of a volume to boot from; undefined: the flavor's own disk. */
  readonly bootVolumeGb: number | undefined
  readonly availabilityZone: string | undefined
  /** Where `mlops.yml` says a setting, by its key there; a setting that it does not say has none. */
  readonly places: Readonly<Record<string, Position>>
}

/** Reads the settings of the servers of provider `openstack` (name → node of `mlops.yml`). The root fits the schema. */
export function readOpenStack(root: SourceNode, servers: ReadonlyMap<string, SourceNode>): OpenStackSettings {
  const common = at(root, ['openstack'])
  return {
    cloud: text(common, 'cloud'),
    region: text(common, 'region'),
    servers: new Map([...servers].map(([name, node]) => [name, readServer(node, common)])),
  }
}

function readServer(server: SourceNode, common: SourceNode | undefined): OpenStackServer {
  const own = at(server, ['openstack'])
  const image = at(server, ['image'])
  const nodes = new Map([...entries(common), ...entries(own)].map(({ key, value }) => [String(key.value), value]))
  if (image) nodes.set('image', image)
  const value = (key: string) => scalar(nodes.get(key))
  const word = (key: string) => (value(key) === undefined ? undefined : String(value(key)))
  const groups = nodes.get('security_groups')
  const floating = value('floating_ip')
  const size = value('boot_volume')
  return {
    image: word('image'),
    flavor: word('flavor'),
    network: word('network'),
    securityGroups: groups?.kind === 'seq' ? groups.items.map(item => String(scalar(item))) : undefined,
    keyPair: word('key_pair'),
    floatingIp: typeof floating === 'boolean' || typeof floating === 'string' ? floating : false,
    bootVolumeGb: typeof size === 'number' ? size : undefined,
    availabilityZone: word('availability_zone'),
    places: Object.fromEntries([...nodes].map(([key, node]) => [key, node.at])),
  }
}

function entries(node: SourceNode | undefined): readonly Entry[] {
  return node?.kind === 'map' ? node.entries : []
}

function scalar(node: SourceNode | undefined): unknown {
  return node?.kind === 'scalar' ? node.value : undefined
}

function text(node: SourceNode | undefined, key: string): string | undefined {
  const value = node && scalar(at(node, [key]))
  return value === undefined || value === null ? undefined : String(value)
}
