import { printFiles, readFiles } from '../shell/sections.ts'
import type { Fact } from './fact.ts'

/** Block devices and their partitions. */
export const devices: Fact = {
  subset: 'hardware',
  topics: ['devices'],
  look: printFiles(
    '/sys/block/*/size',
    '/sys/block/*/removable',
    '/sys/block/*/queue/rotational',
    '/sys/block/*/queue/logical_block_size',
    '/sys/block/*/queue/discard_granularity',
    '/sys/block/*/queue/scheduler',
    '/sys/block/*/device/sas_address',
    '/sys/block/*/device/sas_device_handle',
    '/sys/block/*/device/model',
    '/sys/block/*/device/vendor',
    '/sys/block/*/*/size',
    '/sys/block/*/*/start',
  ),
  read({ stdout }) {
    const files = readFiles(stdout)
    const found: Record<string, Record<string, unknown>> = {}
    for (const path of files.keys()) {
      const name = /^\/sys\/block\/([^/]+)\/size$/.exec(path)?.[1]
      if (name !== undefined) found[name] = device(files, name)
    }
    return { devices: found }
  },
}

function device(files: ReadonlyMap<string, string>, name: string): Record<string, unknown> {
  const get = (file: string) => files.get(`/sys/block/${name}/${file}`)?.trim()
  const sectors = get('size') ?? '0'
  const partitions: Record<string, unknown> = {}
  for (const [path, text] of files) {
    const [, disk, partition] = /^\/sys\/block\/([^/]+)\/([^/]+)\/start$/.exec(path) ?? []
    if (disk !== name || partition === undefined) continue
    const size = get(`${partition}/size`) ?? '0'
    partitions[partition] = { start: text, sectors: size, sectorsize: 512, size: human(Number(size) * 512) }
  }
  return {
    model: get('device/model') ?? null,
    vendor: get('device/vendor') ?? null,
    removable: get('removable') ?? '0',
    rotational: get('queue/rotational') ?? '0',
    sectors,
    sectorsize: get('queue/logical_block_size') ?? '512',
    support_discard: get('queue/discard_granularity') ?? '0',
    scheduler_mode: /\[(.*?)\]/.exec(get('queue/scheduler') ?? '')?.[1] ?? '',
    sas_address: get('device/sas_address') ?? null,
    sas_device_handle: get('device/sas_device_handle') ?? null,
    size: human(Number(sectors) * 512),
    // Ansible says so of all of them
    virtual: 1,
    partitions,
    holders: [],
  }
}

function human(bytes: number): string {
  const units = ['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value.toFixed(2)} ${units[unit] ?? ''}`
}
