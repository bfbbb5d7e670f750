/** What of the services' answers we read (Nova API 2.1, Neutron API v2.0, Glance API v2). */

export interface NovaServer {
  readonly id: string
  readonly name: string
  /** BUILD, ACTIVE, ERROR, SHUTOFF, … */
  readonly status: string
  readonly user_id: string
  readonly metadata: Readonly<Record<string, string>>
  /** ISO 8601. */
  readonly created: string
  /** Empty when it boots from a volume. */
  readonly image: { readonly id: string } | ''
  readonly flavor: { readonly id: string }
  /** Network's name → addresses in it. */
  readonly addresses: Readonly<Record<string, readonly NovaAddress[]>>
  readonly fault?: { readonly message: string }
  readonly 'OS-EXT-STS:task_state'?: string | null
  readonly 'OS-SRV-USG:launched_at'?: string | null
  readonly 'os-extended-volumes:volumes_attached'?: readonly { readonly id: string }[]
}

export interface NovaAddress {
  readonly addr: string
  readonly version: 4 | 6
  readonly 'OS-EXT-IPS:type'?: 'fixed' | 'floating'
}

export interface Flavor {
  readonly id: string
  readonly name: string
  readonly vcpus: number
  /** In MiB. */
  readonly ram: number
  /** In GiB; 0: as large as the image. */
  readonly disk: number
}

export interface Image {
  readonly id: string
  readonly name: string
  readonly created_at: string
  readonly container_format: string | null
  /** In MiB. */
  readonly min_ram: number
  /** In GiB. */
  readonly min_disk: number
  /** The project that we baked it for; absent: it is somebody else's. */
  readonly mlops_project?: string
  /** queued, saving, active, killed, … */
  readonly status: string
  /** In bytes; null: not known yet. */
  readonly size: number | null
}

export interface Network {
  readonly id: string
  readonly name: string
  readonly project_id: string
  readonly shared: boolean
  readonly 'router:external': boolean
}

export interface SecurityGroup {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly security_group_rules: readonly SecurityRule[]
}

export interface SecurityRule {
  readonly direction: 'ingress' | 'egress'
  readonly ethertype: 'IPv4' | 'IPv6'
  readonly protocol: string | null
  readonly port_range_min: number | null
  readonly port_range_max: number | null
  readonly remote_ip_prefix: string | null
  readonly remote_group_id: string | null
}

export interface FloatingIp {
  readonly id: string
  readonly floating_ip_address: string
  readonly floating_network_id: string
  /** null: it is free. */
  readonly port_id: string | null
  /** Of the port that it leads to. */
  readonly fixed_ip_address: string | null
  readonly port_details?: { readonly device_id: string } | null
  readonly description: string
}

export interface Port {
  readonly id: string
  readonly network_id: string
}

export interface KeyPair {
  readonly name: string
  readonly public_key: string
}

/** -1 is no limit. */
export interface Limits {
  readonly maxTotalInstances: number
  readonly totalInstancesUsed: number
  readonly maxTotalCores: number
  readonly totalCoresUsed: number
  /** In MiB. */
  readonly maxTotalRAMSize: number
  readonly totalRAMUsed: number
}
