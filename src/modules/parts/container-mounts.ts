import { pythonText } from '../../schema/python-text.ts'
import { bytes } from './container-values.ts'
import { dig, recordAt, textAt } from './json-path.ts'

/** A mount as `docker_container` and `docker_swarm` write it. */
type Mount = Readonly<Record<string, unknown>>

/** The fields of `--mount` for a mount. */
export function mountWords(mount: Mount): string[] {
  const type = textAt(mount, 'type') || 'volume'
  const words = [`type=${type}`, `target=${textAt(mount, 'target')}`]
  if (mount.source) words.push(`source=${textAt(mount, 'source')}`)
  if (mount.read_only === true) words.push('readonly')
  if (type === 'bind' && mount.propagation) words.push(`bind-propagation=${textAt(mount, 'propagation')}`)
  if (type === 'tmpfs') {
    if (mount.tmpfs_size) words.push(`tmpfs-size=${bytes(textAt(mount, 'tmpfs_size'))}`)
    if (mount.tmpfs_mode) words.push(`tmpfs-mode=${modeText(mount.tmpfs_mode)}`)
  }
  if (type === 'volume') {
    if (mount.no_copy === true) words.push('volume-nocopy=true')
    if (mount.volume_driver) words.push(`volume-driver=${textAt(mount, 'volume_driver')}`)
    words.push(...named('volume-opt', mount.volume_options), ...named('volume-label', mount.labels))
  }
  return words
}

/** A mount in one form, to be compared. */
export function mountText(mount: Mount): string {
  return mountWords(mount).join(',')
}

/** A mount of `docker inspect` in the arguments' words: of what is optional, only what the wanted mount of that target says too. */
export function mountKeys(mount: unknown, wanted: readonly Mount[]): Mount {
  const target = textAt(mount, 'Target')
  const asked = wanted.find(each => textAt(each, 'target') === target) ?? {}
  const only = (key: string, value: unknown) =>
    asked[key] === undefined || asked[key] === null ? {} : { [key]: value }
  return {
    type: dig(mount, 'Type'),
    target,
    source: dig(mount, 'Source'),
    read_only: dig(mount, 'ReadOnly') === true,
    ...only('propagation', dig(mount, 'BindOptions.Propagation')),
    ...only('no_copy', dig(mount, 'VolumeOptions.NoCopy') === true),
    ...only('volume_driver', dig(mount, 'VolumeOptions.DriverConfig.Name')),
    ...only('volume_options', recordAt(mount, 'VolumeOptions.DriverConfig.Options')),
    ...only('labels', recordAt(mount, 'VolumeOptions.Labels')),
    ...only('tmpfs_size', String(dig(mount, 'TmpfsOptions.SizeBytes') ?? '')),
    ...only('tmpfs_mode', `0${Number(dig(mount, 'TmpfsOptions.Mode') ?? 0).toString(8)}`),
  }
}

function named(option: string, values: unknown): string[] {
  return Object.entries(recordAt({ values }, 'values'))
    .map(([name, value]) => `${option}=${name}=${pythonText(value)}`)
    .sort()
}

/** Octal text; a number that YAML read from `0755` counts as the number that it is. */
function modeText(mode: unknown): string {
  const octal = typeof mode === 'number' ? mode.toString(8) : String(mode)
  return octal.replace(/^0*/, '0')
}
