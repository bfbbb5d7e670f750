import { quote } from '../../shell/sh.ts'
import type { Plain } from '../module.ts'
import { commandWords } from './command-words.ts'
import type { ContainerArgs } from './container-args.ts'
import { mountKeys, mountText, mountWords } from './container-mounts.ts'
import {
  anyAddress,
  bytes,
  envFile,
  exposedPorts,
  field,
  nanoseconds,
  publishedPorts,
  texts,
  volume,
} from './container-values.ts'
import { dig, listAt, numberAt, recordAt, textAt, textsAt } from './json-path.ts'

/** One thing that a container is set up with. `set` and `dict` may have more than is asked for, unless compared strictly. */
export interface Setting {
  readonly kind: 'value' | 'list' | 'set' | 'dict'
  /** What the arguments ask for, in the form that `is` has; undefined: nothing. */
  want(args: ContainerArgs, seen: SeenFiles): Plain | undefined
  /** What a container has, from `docker inspect`. */
  is(container: unknown, args: ContainerArgs): Plain
  /** What the image brings along, which strict comparison forgives. */
  fromImage?(image: unknown): Plain
  /** Words of `docker create`. */
  words(args: ContainerArgs): readonly string[]
  /** `docker update` takes the same words, so that the container need not be made anew. */
  readonly live?: true
}

/** What else the look saw that settings need. */
export interface SeenFiles {
  readonly envFile: string
  /** Id of the container that `network_mode: container:NAME` names. */
  readonly networkContainer: string
}

type Key = keyof ContainerArgs & string

export const settings: Readonly<Record<string, Setting>> = {
  auto_remove: flag('auto_remove', '--rm', 'HostConfig.AutoRemove'),
  blkio_weight: number('blkio_weight', '--blkio-weight', 'HostConfig.BlkioWeight', true),
  cap_drop: capabilities('cap_drop', '--cap-drop', 'HostConfig.CapDrop'),
  capabilities: capabilities('capabilities', '--cap-add', 'HostConfig.CapAdd'),
  cgroup_ns_mode: text('cgroup_ns_mode', '--cgroupns', 'HostConfig.CgroupnsMode'),
  cgroup_parent: text('cgroup_parent', '--cgroup-parent', 'HostConfig.CgroupParent'),
  // An entrypoint of several words rides in front of the command, as the command line of docker knows one word only.
  command: {
    kind: 'list',
    want: args => (args.command === undefined && args.entrypoint === undefined ? undefined : runs(args)),
    is: (container, { entrypoint }) => [
      ...(entrypoint === undefined ? [] : textsAt(container, 'Config.Entrypoint')),
      ...textsAt(container, 'Config.Cmd'),
    ],
    words: ({ entrypoint }) => (entrypoint === undefined ? [] : ['--entrypoint', entrypoint[0] ?? '']),
  },
  cpu_period: number('cpu_period', '--cpu-period', 'HostConfig.CpuPeriod', true),
  cpu_quota: number('cpu_quota', '--cpu-quota', 'HostConfig.CpuQuota', true),
  cpu_shares: number('cpu_shares', '--cpu-shares', 'HostConfig.CpuShares', true),
  cpus: {
    kind: 'value',
    want: ({ cpus }) => (cpus === undefined ? undefined : Math.round(cpus * 1e9)),
    is: container => numberAt(container, 'HostConfig.NanoCpus'),
    words: ({ cpus }) => (cpus === undefined ? [] : ['--cpus', String(cpus)]),
    live: true,
  },
  cpuset_cpus: { ...text('cpuset_cpus', '--cpuset-cpus', 'HostConfig.CpusetCpus'), live: true },
  cpuset_mems: { ...text('cpuset_mems', '--cpuset-mems', 'HostConfig.CpusetMems'), live: true },
  device_cgroup_rules: set('device_cgroup_rules', '--device-cgroup-rule', 'HostConfig.DeviceCgroupRules'),
  device_read_bps: rates('device_read_bps', '--device-read-bps', 'HostConfig.BlkioDeviceReadBps'),
  device_read_iops: rates('device_read_iops', '--device-read-iops', 'HostConfig.BlkioDeviceReadIOps'),
  device_requests: {
    kind: 'list',
    want: ({ device_requests: requests }) => requests?.map(requestText),
    is: container =>
      listAt(container, 'HostConfig.DeviceRequests').map(request =>
        requestText({
          driver: dig(request, 'Driver'),
          count: dig(request, 'Count'),
          device_ids: dig(request, 'DeviceIDs'),
          capabilities: dig(request, 'Capabilities'),
        }),
      ),
    words: ({ device_requests: requests = [] }) =>
      requests.flatMap(request => ['--gpus', requestFields(request).map(field).join(',')]),
  },
  device_write_bps: rates('device_write_bps', '--device-write-bps', 'HostConfig.BlkioDeviceWriteBps'),
  device_write_iops: rates('device_write_iops', '--device-write-iops', 'HostConfig.BlkioDeviceWriteIOps'),
  devices: {
    kind: 'set',
    want: ({ devices }) => devices?.map(deviceText),
    is: container =>
      listAt(container, 'HostConfig.Devices').map(
        device =>
          `${textAt(device, 'PathOnHost')}:${textAt(device, 'PathInContainer')}:${textAt(device, 'CgroupPermissions')}`,
      ),
    words: ({ devices = [] }) => devices.flatMap(device => ['--device', device]),
  },
  dns_opts: set('dns_opts', '--dns-option', 'HostConfig.DnsOptions'),
  dns_search_domains: { ...set('dns_search_domains', '--dns-search', 'HostConfig.DnsSearch'), kind: 'list' },
  dns_servers: { ...set('dns_servers', '--dns', 'HostConfig.Dns'), kind: 'list' },
  domainname: text('domainname', '--domainname', 'Config.Domainname'),
  env: {
    kind: 'dict',
    want: (args, seen) => (args.env === undefined && args.env_file === undefined ? undefined : environment(args, seen)),
    is: container => pairs(textsAt(container, 'Config.Env')),
    fromImage: image => pairs(textsAt(image, 'Config.Env')),
    // Values may be secret: they go to docker through its standard input.
    words: () => [],
  },
  etc_hosts: {
    kind: 'set',
    want: ({ etc_hosts: hosts }) =>
      hosts && Object.entries(texts(hosts)).map(([name, address]) => `${name}:${address}`),
    is: container => [...textsAt(container, 'HostConfig.ExtraHosts')],
    words: ({ etc_hosts: hosts }) =>
      Object.entries(texts(hosts)).flatMap(([name, address]) => ['--add-host', `${name}:${address}`]),
  },
  exposed_ports: {
    kind: 'set',
    want: ({ exposed_ports: ports }) => ports && exposedPorts(ports),
    is: (container, { published_ports: published = [] }) => {
      const own = new Set(publishedPorts(published).map(port => port.slice(port.lastIndexOf(':') + 1)))
      return Object.keys(recordAt(container, 'Config.ExposedPorts')).filter(port => !own.has(port))
    },
    fromImage: image => Object.keys(recordAt(image, 'Config.ExposedPorts')),
    words: ({ exposed_ports: ports = [] }) => exposedPorts(ports).flatMap(port => ['--expose', port]),
  },
  groups: set('groups', '--group-add', 'HostConfig.GroupAdd'),
  healthcheck: {
    kind: 'dict',
    want: ({ healthcheck }) => healthcheck && wantedHealth(healthcheck),
    is: container => ({
      test: healthText(textsAt(container, 'Config.Healthcheck.Test')),
      interval: numberAt(container, 'Config.Healthcheck.Interval'),
      timeout: numberAt(container, 'Config.Healthcheck.Timeout'),
      start_period: numberAt(container, 'Config.Healthcheck.StartPeriod'),
      start_interval: numberAt(container, 'Config.Healthcheck.StartInterval'),
      retries: numberAt(container, 'Config.Healthcheck.Retries'),
    }),
    fromImage: image => ({
      test: healthText(textsAt(image, 'Config.Healthcheck.Test')),
      interval: numberAt(image, 'Config.Healthcheck.Interval'),
      timeout: numberAt(image, 'Config.Healthcheck.Timeout'),
      start_period: numberAt(image, 'Config.Healthcheck.StartPeriod'),
      start_interval: numberAt(image, 'Config.Healthcheck.StartInterval'),
      retries: numberAt(image, 'Config.Healthcheck.Retries'),
    }),
    words: ({ healthcheck }) => (healthcheck ? healthWords(healthcheck) : []),
  },
  hostname: text('hostname', '--hostname', 'Config.Hostname'),
  init: flag('init', '--init', 'HostConfig.Init'),
  interactive: flag('interactive', '--interactive', 'Config.OpenStdin'),
  ipc_mode: text('ipc_mode', '--ipc', 'HostConfig.IpcMode'),
  labels: {
    kind: 'dict',
    want: ({ labels }) => labels && texts(labels),
    is: container => texts(recordAt(container, 'Config.Labels')),
    fromImage: image => texts(recordAt(image, 'Config.Labels')),
    words: ({ labels }) => Object.entries(texts(labels)).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
  },
  links: {
    kind: 'set',
    want: ({ links }) => links?.map(link => (link.includes(':') ? link : `${link}:${link}`)),
    is: container =>
      textsAt(container, 'HostConfig.Links').map(link => {
        const [from = '', to = ''] = link.split(':')
        return `${from.replace(/^\//, '')}:${to.slice(to.lastIndexOf('/') + 1)}`
      }),
    words: ({ links = [] }) => links.flatMap(link => ['--link', link]),
  },
  log_driver: text('log_driver', '--log-driver', 'HostConfig.LogConfig.Type'),
  log_options: dict('log_options', '--log-opt', 'HostConfig.LogConfig.Config'),
  mac_address: {
    ...text('mac_address', '--mac-address', 'Config.MacAddress'),
    want: ({ mac_address: address }) => address?.toLowerCase().replaceAll('-', ':'),
  },
  memory: size('memory', '--memory', 'HostConfig.Memory', true),
  memory_reservation: size('memory_reservation', '--memory-reservation', 'HostConfig.MemoryReservation', true),
  memory_swap: size('memory_swap', '--memory-swap', 'HostConfig.MemorySwap', true),
  memory_swappiness: number('memory_swappiness', '--memory-swappiness', 'HostConfig.MemorySwappiness'),
  mounts: {
    kind: 'set',
    want: ({ mounts }) => mounts?.map(mountText),
    is: (container, { mounts = [] }) =>
      listAt(container, 'HostConfig.Mounts').map(mount => mountText(mountKeys(mount, mounts))),
    words: ({ mounts = [] }) => mounts.flatMap(mount => ['--mount', mountWords(mount).map(field).join(',')]),
  },
  network_mode: {
    kind: 'value',
    want(args, { networkContainer }) {
      const mode = networkMode(args)
      if (mode?.startsWith('container:') && networkContainer !== '') return `container:${networkContainer}`
      return mode === 'bridge' ? 'default' : mode
    },
    is(container) {
      const mode = textAt(container, 'HostConfig.NetworkMode')
      return mode === 'bridge' ? 'default' : mode
    },
    words(args) {
      const mode = networkMode(args)
      return mode === undefined ? [] : ['--network', mode]
    },
  },
  oom_killer: flag('oom_killer', '--oom-kill-disable', 'HostConfig.OomKillDisable'),
  oom_score_adj: number('oom_score_adj', '--oom-score-adj', 'HostConfig.OomScoreAdj'),
  pid_mode: text('pid_mode', '--pid', 'HostConfig.PidMode'),
  pids_limit: {
    ...number('pids_limit', '--pids-limit', 'HostConfig.PidsLimit'),
    is: container => numberAt(container, 'HostConfig.PidsLimit') || -1,
    want: ({ pids_limit: limit }) => (limit === undefined ? undefined : limit || -1),
  },
  privileged: flag('privileged', '--privileged', 'HostConfig.Privileged'),
  publish_all_ports: {
    kind: 'value',
    want: args => (args.published_ports?.includes('all') ? true : args.publish_all_ports),
    is: container => dig(container, 'HostConfig.PublishAllPorts') === true,
    words: args => (args.publish_all_ports === true || args.published_ports?.includes('all') ? ['--publish-all'] : []),
  },
  published_ports: {
    kind: 'set',
    want: ({ published_ports: ports, default_host_ip: ip }) => ports && publishedPorts(ports, ip),
    is: container =>
      Object.entries(recordAt(container, 'HostConfig.PortBindings')).flatMap(([port, bindings]) =>
        (Array.isArray(bindings) ? bindings : []).map(binding => {
          const onHost = textAt(binding, 'HostPort')
          return `${anyAddress(textAt(binding, 'HostIp'))}:${onHost === '0' ? '' : onHost}:${port}`
        }),
      ),
    words: ({ published_ports: ports = [], default_host_ip: ip }) =>
      publishedPorts(ports, ip).flatMap(port => {
        const [address = ''] = /^.*(?=:[^:]*:[^:]*$)/.exec(port) ?? []
        const rest = port.slice(address.length + 1)
        return [
          '--publish',
          address === '' ? rest.replace(/^:/, '') : `${address.includes(':') ? `[${address}]` : address}:${rest}`,
        ]
      }),
  },
  read_only: flag('read_only', '--read-only', 'HostConfig.ReadonlyRootfs'),
  restart_policy: {
    kind: 'value',
    want: ({ restart_policy: policy, restart_retries: retries = 0 }) =>
      policy === 'on-failure' ? `${policy}:${retries}` : policy,
    is(container) {
      const policy = textAt(container, 'HostConfig.RestartPolicy.Name') || 'no'
      return policy === 'on-failure'
        ? `${policy}:${numberAt(container, 'HostConfig.RestartPolicy.MaximumRetryCount')}`
        : policy
    },
    words: ({ restart_policy: policy, restart_retries: retries }) =>
      policy === undefined
        ? []
        : ['--restart', policy === 'on-failure' && retries !== undefined ? `${policy}:${retries}` : policy],
    live: true,
  },
  runtime: text('runtime', '--runtime', 'HostConfig.Runtime'),
  security_opts: set('security_opts', '--security-opt', 'HostConfig.SecurityOpt'),
  shm_size: size('shm_size', '--shm-size', 'HostConfig.ShmSize'),
  stop_signal: text('stop_signal', '--stop-signal', 'Config.StopSignal'),
  storage_opts: dict('storage_opts', '--storage-opt', 'HostConfig.StorageOpt'),
  sysctls: dict('sysctls', '--sysctl', 'HostConfig.Sysctls'),
  tmpfs: {
    kind: 'dict',
    want: ({ tmpfs }) => tmpfs && Object.fromEntries(tmpfs.map(temporary)),
    is: container => texts(recordAt(container, 'HostConfig.Tmpfs')),
    words: ({ tmpfs = [] }) => tmpfs.flatMap(spec => ['--tmpfs', spec]),
  },
  tty: flag('tty', '--tty', 'Config.Tty'),
  ulimits: {
    kind: 'set',
    want: ({ ulimits }) =>
      ulimits?.map(limit => {
        const [name = '', soft = '', hard = soft] = limit.split(':')
        return `${name}:${soft}:${hard}`
      }),
    is: container =>
      listAt(container, 'HostConfig.Ulimits').map(
        limit => `${textAt(limit, 'Name')}:${numberAt(limit, 'Soft')}:${numberAt(limit, 'Hard')}`,
      ),
    words: ({ ulimits = [] }) => ulimits.flatMap(limit => ['--ulimit', limit.replace(':', '=')]),
  },
  user: text('user', '--user', 'Config.User'),
  userns_mode: text('userns_mode', '--userns', 'HostConfig.UsernsMode'),
  uts: text('uts', '--uts', 'HostConfig.UTSMode'),
  volume_driver: text('volume_driver', '--volume-driver', 'HostConfig.VolumeDriver'),
  volumes: {
    kind: 'set',
    want: ({ volumes }) => volumes?.map(volume),
    is: container => [
      ...textsAt(container, 'HostConfig.Binds').map(volume),
      ...Object.keys(recordAt(container, 'Config.Volumes')).map(volume),
    ],
    fromImage: image => Object.keys(recordAt(image, 'Config.Volumes')).map(volume),
    words: ({ volumes = [] }) => volumes.flatMap(spec => ['--volume', spec]),
  },
  volumes_from: {
    kind: 'set',
    want: ({ volumes_from: from }) => from?.map(withMode),
    is: container => textsAt(container, 'HostConfig.VolumesFrom').map(withMode),
    words: ({ volumes_from: from = [] }) => from.flatMap(container => ['--volumes-from', container]),
  },
  working_dir: text('working_dir', '--workdir', 'Config.WorkingDir'),
}

/** Entrypoint and command as one list of words. */
export function runs({ command, entrypoint = [] }: ContainerArgs): string[] {
  const words = Array.isArray(command)
    ? command.map(String)
    : command === undefined || command === null
      ? []
      : commandWords(String(command))
  return [...entrypoint, ...words]
}

/** The environment that is asked for; the file's values first. */
export function environment({ env }: ContainerArgs, { envFile: file }: SeenFiles): Record<string, string> {
  return { ...envFile(file), ...texts(env) }
}

/** The network that a container begins in. */
export function networkMode(args: ContainerArgs): string | undefined {
  if (args.network_mode !== undefined) return args.network_mode
  const [first] = args.networks ?? []
  return args.networks_cli_compatible && first?.name !== undefined ? String(first.name) : undefined
}

function text(key: Key, option: string, path: string): Setting {
  return {
    kind: 'value',
    want: args => (args[key] === undefined ? undefined : String(args[key])),
    is: container => textAt(container, path),
    words: args => (args[key] === undefined ? [] : [option, String(args[key])]),
  }
}

function number(key: Key, option: string, path: string, live = false): Setting {
  return {
    kind: 'value',
    want: args => (args[key] === undefined ? undefined : Number(args[key])),
    is: container => numberAt(container, path),
    words: args => (args[key] === undefined ? [] : [option, String(args[key])]),
    ...(live ? { live } : {}),
  }
}

function size(key: Key, option: string, path: string, live = false): Setting {
  const want = (args: ContainerArgs) => (args[key] === undefined ? undefined : bytes(String(args[key])))
  return {
    kind: 'value',
    want,
    is: container => numberAt(container, path),
    words: args => (args[key] === undefined ? [] : [option, String(want(args))]),
    ...(live ? { live } : {}),
  }
}

function flag(key: Key, option: string, path: string): Setting {
  return {
    kind: 'value',
    want: args => (args[key] === undefined ? undefined : args[key] === true),
    is: container => dig(container, path) === true,
    words: args => (args[key] === undefined ? [] : [`${option}=${args[key] === true}`]),
  }
}

function set(key: Key, option: string, path: string): Setting {
  const items = (args: ContainerArgs) => {
    const value = args[key]
    return Array.isArray(value) ? value.map(String) : undefined
  }
  return {
    kind: 'set',
    want: items,
    is: container => [...textsAt(container, path)],
    words: args => (items(args) ?? []).flatMap(item => [option, item]),
  }
}

function capabilities(key: 'cap_drop' | 'capabilities', option: string, path: string): Setting {
  const bare = (name: string) => name.toUpperCase().replace(/^CAP_/, '')
  return {
    ...set(key, option, path),
    want: args => args[key]?.map(bare),
    is: container => textsAt(container, path).map(bare),
  }
}

function dict(key: 'log_options' | 'storage_opts' | 'sysctls', option: string, path: string): Setting {
  return {
    kind: 'dict',
    want: args => args[key] && texts(args[key]),
    is: container => texts(recordAt(container, path)),
    words: args => Object.entries(texts(args[key])).flatMap(([name, value]) => [option, `${name}=${value}`]),
  }
}

function rates(
  key: 'device_read_bps' | 'device_read_iops' | 'device_write_bps' | 'device_write_iops',
  option: string,
  path: string,
): Setting {
  const of = (args: ContainerArgs) => args[key]?.map(limit => `${String(limit.path)}:${bytes(String(limit.rate))}`)
  return {
    kind: 'set',
    want: of,
    is: container => listAt(container, path).map(limit => `${textAt(limit, 'Path')}:${numberAt(limit, 'Rate')}`),
    words: args => (of(args) ?? []).flatMap(limit => [option, limit]),
  }
}

function pairs(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map(line => {
      const cut = line.indexOf('=')
      return cut < 0 ? [line, ''] : [line.slice(0, cut), line.slice(cut + 1)]
    }),
  )
}

function deviceText(spec: string): string {
  const [onHost = '', inside = onHost, permissions = 'rwm'] = spec.split(':')
  return /^[rwm]+$/.test(inside) && !inside.startsWith('/')
    ? `${onHost}:${onHost}:${inside}`
    : `${onHost}:${inside}:${permissions}`
}

function temporary(spec: string): [string, string] {
  const cut = spec.indexOf(':')
  return cut < 0 ? [spec, ''] : [spec.slice(0, cut), spec.slice(cut + 1)]
}

function withMode(container: string): string {
  return container.includes(':') ? container : `${container}:rw`
}

/** A request for devices in one form; the capability `gpu` goes without saying, as docker adds it. */
function requestText(request: Readonly<Record<string, unknown>>): string {
  return requestFields(request).join(' ')
}

function requestFields({ driver, count, device_ids: ids, capabilities: wanted }: Readonly<Record<string, unknown>>) {
  const names = Array.isArray(wanted) ? wanted.flat().map(String) : []
  const devices = Array.isArray(ids) ? ids.map(String) : []
  return [
    ...(driver ? [`driver=${String(driver)}`] : []),
    ...(devices.length > 0 ? [`device=${devices.join(',')}`] : [`count=${Number(count ?? -1)}`]),
    `capabilities=${[...new Set(['gpu', ...names])].sort().join(',')}`,
  ]
}

type Health = Readonly<Record<string, unknown>>

function wantedHealth(check: Health): Record<string, Plain> {
  if (check.test === undefined || check.test === null) return {}
  const test = healthText(healthTest(check.test))
  if (test === 'NONE') return { test }
  const times = ['interval', 'timeout', 'start_period', 'start_interval'].filter(key => given(check[key]))
  return {
    test,
    ...Object.fromEntries(times.map(key => [key, nanoseconds(String(check[key]))])),
    ...(given(check.retries) ? { retries: Number(check.retries) } : {}),
  }
}

function healthTest(test: unknown): readonly string[] {
  return Array.isArray(test) ? test.map(String) : ['CMD-SHELL', String(test)]
}

/** A health check as the shell text that docker's command line knows; `NONE` when it is switched off. */
function healthText([kind = '', ...words]: readonly string[]): string {
  if (kind === 'NONE' || kind === '') return kind
  return kind === 'CMD' ? words.map(quote).join(' ') : words.join(' ')
}

function healthWords(check: Health): string[] {
  if (!given(check.test)) return []
  const test = healthText(healthTest(check.test))
  if (test === 'NONE') return ['--no-healthcheck']
  const options = {
    interval: 'interval',
    timeout: 'timeout',
    start_period: 'start-period',
    start_interval: 'start-interval',
  }
  return [
    '--health-cmd',
    test,
    ...Object.entries(options).flatMap(([key, option]) =>
      given(check[key]) ? [`--health-${option}`, `${nanoseconds(String(check[key]))}ns`] : [],
    ),
    ...(given(check.retries) ? ['--health-retries', String(Number(check.retries))] : []),
  ]
}

function given(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}
