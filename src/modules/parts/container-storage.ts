import { mountKeys, mountText, mountWords } from './container-mounts.ts'
import { dict, flag, type Setting, text } from './container-setting.ts'
import { field, texts, volume } from './container-values.ts'
import { listAt, recordAt, textsAt } from './json-path.ts'

/** The file systems of a container. */
export const storage: Readonly<Record<string, Setting>> = {
  mounts: {
    kind: 'set',
    want: ({ mounts }) => mounts?.map(mountText),
    is: (container, { mounts = [] }) =>
      listAt(container, 'HostConfig.Mounts').map(mount => mountText(mountKeys(mount, mounts))),
    words: ({ mounts = [] }) => mounts.flatMap(mount => ['--mount', mountWords(mount).map(field).join(',')]),
  },
  read_only: flag('read_only', '--read-only', 'HostConfig.ReadonlyRootfs'),
  storage_opts: dict('storage_opts', '--storage-opt', 'HostConfig.StorageOpt'),
  tmpfs: {
    kind: 'dict',
    want: ({ tmpfs }) => tmpfs && Object.fromEntries(tmpfs.map(temporary)),
    is: container => texts(recordAt(container, 'HostConfig.Tmpfs')),
    words: ({ tmpfs = [] }) => tmpfs.flatMap(spec => ['--tmpfs', spec]),
  },
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
}

function temporary(spec: string): [string, string] {
  const cut = spec.indexOf(':')
  return cut < 0 ? [spec, ''] : [spec.slice(0, cut), spec.slice(cut + 1)]
}

function withMode(container: string): string {
  return container.includes(':') ? container : `${container}:rw`
}
