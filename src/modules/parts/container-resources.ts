import { flag, number, rates, type Setting, set, size, text } from './container-setting.ts'
import { field } from './container-values.ts'
import { dig, listAt, numberAt, textAt } from './json-path.ts'

/** What a container may use: processors, memory, devices. */
export const resources: Readonly<Record<string, Setting>> = {
  blkio_weight: number('blkio_weight', '--blkio-weight', 'HostConfig.BlkioWeight', true),
  cgroup_ns_mode: text('cgroup_ns_mode', '--cgroupns', 'HostConfig.CgroupnsMode'),
  cgroup_parent: text('cgroup_parent', '--cgroup-parent', 'HostConfig.CgroupParent'),
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
  memory: size('memory', '--memory', 'HostConfig.Memory', true),
  memory_reservation: size('memory_reservation', '--memory-reservation', 'HostConfig.MemoryReservation', true),
  memory_swap: size('memory_swap', '--memory-swap', 'HostConfig.MemorySwap', true),
  memory_swappiness: number('memory_swappiness', '--memory-swappiness', 'HostConfig.MemorySwappiness'),
  oom_killer: flag('oom_killer', '--oom-kill-disable', 'HostConfig.OomKillDisable'),
  oom_score_adj: number('oom_score_adj', '--oom-score-adj', 'HostConfig.OomScoreAdj'),
  pids_limit: {
    ...number('pids_limit', '--pids-limit', 'HostConfig.PidsLimit'),
    is: container => numberAt(container, 'HostConfig.PidsLimit') || -1,
    want: ({ pids_limit: limit }) => (limit === undefined ? undefined : limit || -1),
  },
  shm_size: size('shm_size', '--shm-size', 'HostConfig.ShmSize'),
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
}

function deviceText(spec: string): string {
  const [onHost = '', inside = onHost, permissions = 'rwm'] = spec.split(':')
  return /^[rwm]+$/.test(inside) && !inside.startsWith('/')
    ? `${onHost}:${onHost}:${inside}`
    : `${onHost}:${inside}:${permissions}`
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
