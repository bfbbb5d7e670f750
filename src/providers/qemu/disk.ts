import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { MlopsError } from '../../errors.ts'
import { lastLines, run } from '../command.ts'

/** A disk that servers begin with; nobody writes to it. */
export interface Disk {
  readonly file: string
  /** What boots it; undefined: it has a boot loader of its own. */
  readonly kernel: Kernel | undefined
}

/** A kernel that lies beside its disk, as a disk without a boot loader needs it. */
export interface Kernel {
  readonly kernel: string
  readonly initrd: string
  readonly options: string
}

/** The files of an image's folder. */
export const IMAGE_FILES = { disk: 'disk.qcow2', kernel: 'kernel', initrd: 'initrd' } as const

/** The label of the root file system on disks that are made here. */
export const ROOT_LABEL = 'root'

/** The disk in an image's folder, undefined when there is none. A folder appears whole or not at all. */
export function diskIn(folder: string): Disk | undefined {
  const file = join(folder, IMAGE_FILES.disk)
  if (!existsSync(file)) return undefined
  const kernel = join(folder, IMAGE_FILES.kernel)
  if (!existsSync(kernel)) return { file, kernel: undefined }
  const options = `root=LABEL=${ROOT_LABEL} ro console=tty0 console=ttyS0`
  return { file, kernel: { kernel, initrd: join(folder, IMAGE_FILES.initrd), options } }
}

/** Makes a layer above a disk, in which a server keeps what it writes. It may grow to `size` (`20g`), or to the disk's own. */
export async function makeLayer(file: string, disk: Disk, size: string): Promise<void> {
  const { format, bytes } = await inspect(disk.file)
  const wanted = Number.parseInt(size, 10) * 2 ** 30
  const arguments_ = ['create', '-q', '-f', 'qcow2', '-F', format, '-b', disk.file, file]
  await qemuImg([...arguments_, String(Math.max(wanted, bytes))])
}

/** Runs qemu-img. Throws `qemu.image` with its words. */
export async function qemuImg(args: readonly string[], signal?: AbortSignal): Promise<string> {
  const result = await run('qemu-img', args, { signal })
  if (result.status === 0) return result.stdout
  throw new MlopsError('qemu.image', `qemu-img ${args[0]} failed: ${lastLines(result.stderr, 2)}`)
}

async function inspect(file: string): Promise<{ format: string; bytes: number }> {
  const info: unknown = JSON.parse(await qemuImg(['info', '--force-share', '--output=json', file]))
  if (typeof info === 'object' && info !== null && 'format' in info && 'virtual-size' in info) {
    return { format: String(info.format), bytes: Number(info['virtual-size']) }
  }
  throw new MlopsError('qemu.image', `qemu-img does not know what ${file} is`)
}
