import { randomUUID } from 'node:crypto'
import { constants, copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MlopsError } from '../../errors.ts'
import type { Project } from '../../project/project.ts'
import type { BakedImage, Progress } from '../provider.ts'
import { took } from '../took.ts'
import { type Disk, diskIn, IMAGE_FILES, qemuImg } from './disk.ts'
import { bakedFolder, diskOnce, imagesIn, isUsed } from './image-folder.ts'
import { folderOf, type Machine } from './machine.ts'
import { shutDown } from './process.ts'
import { DISK } from './start.ts'

/** Makes an image of a machine: its layers as one disk, and the kernel that boots it. It is `owner`'s. */
export async function saveBaked(
  project: Project,
  machine: Machine,
  { name, owner }: { readonly name: string; readonly owner: Project },
  { onStep, signal }: Progress,
): Promise<void> {
  const since = Date.now()
  const folder = folderOf(project, machine.name)
  await shutDown(folder, machine, signal)
  const before = foldersOf(name, owner)
  // A name of its own: servers may still need the disk that had this name before.
  await diskOnce(join(bakedFolder(), `${name}${MARK}${randomUUID().slice(0, 8)}`), async made => {
    await qemuImg(['convert', '-O', 'qcow2', join(folder, DISK), join(made, IMAGE_FILES.disk)], signal)
    const { kernel } = machine.base
    if (kernel !== undefined) {
      copyFileSync(kernel.kernel, join(made, IMAGE_FILES.kernel), constants.COPYFILE_FICLONE)
      copyFileSync(kernel.initrd, join(made, IMAGE_FILES.initrd), constants.COPYFILE_FICLONE)
    }
    writeFileSync(join(made, OWNER), owner.directory)
  })
  for (const old of before) if (!isUsed(old)) rmSync(old, { recursive: true, force: true })
  onStep(`image ${name} made of ${machine.name}${took(since)}`)
}

/** The disk of a baked image. Throws `qemu.no-baked`. */
export function bakedDisk(name: string): Disk {
  const disk = foldersOf(name).flatMap(folder => diskIn(folder) ?? [])[0]
  if (disk !== undefined) return disk
  throw new MlopsError('qemu.no-baked', `the baked image ${name} was removed while it was being used`)
}

/** The baked images of a project. */
export function bakedImages(project: Owner): BakedImage[] {
  const names = new Set(imagesIn(bakedFolder()).map(folder => folder.split(MARK)[0] ?? ''))
  return [...names].flatMap(name => {
    const [folder] = foldersOf(name, project)
    if (folder === undefined) return []
    const { birthtime, size } = statSync(join(folder, IMAGE_FILES.disk))
    return [{ name, createdAt: birthtime.toISOString(), sizeBytes: size }]
  })
}

/** Removes a baked image of a project; false when servers still need it. */
export function removeBaked(name: string, project: Owner): boolean {
  const folders = foldersOf(name, project)
  if (folders.some(folder => isUsed(folder))) return false
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  return true
}

type Owner = Pick<Project, 'directory'>

const OWNER = 'owner'
/** Stands between the name of an image and what tells its makings apart. */
const MARK = '@'

/** All makings of an image, of one project or of any, the newest first. */
function foldersOf(name: string, owner?: Owner): string[] {
  return imagesIn(bakedFolder())
    .filter(folder => folder.startsWith(`${name}${MARK}`))
    .map(folder => join(bakedFolder(), folder))
    .filter(folder => owner === undefined || readFileSync(join(folder, OWNER), 'utf8') === owner.directory)
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
}
