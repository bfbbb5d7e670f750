import { statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Project } from '../../project/project.ts'
import { type QemuImage, qemuImage } from '../../project/qemu.ts'
import type { Progress } from '../provider.ts'
import { took } from '../took.ts'
import { debianImage, makeDebian } from './debian.ts'
import { type Disk, diskIn, IMAGE_FILES } from './disk.ts'
import { download } from './download.ts'
import { cacheFolder, diskOnce } from './image-folder.ts'

/** The disk of an image that `mlops.yml` names: made or fetched when it is not there yet. */
export async function diskOf(project: Project, image: string, progress: Progress): Promise<Disk> {
  const source = qemuImage(image)
  const since = Date.now()
  switch (source.kind) {
    case 'file':
      return { file: imageFile(project, source.path), kernel: undefined }
    case 'debian':
      return diskOnce(cached(source), async folder => {
        progress.onStep(`making image ${image} from Debian's packages …`)
        await makeDebian(source.version, folder, progress)
        progress.onStep(`image ${image} made${took(since)}`)
      })
    case 'url':
      return diskOnce(cached(source), async folder => {
        progress.onStep(`fetching ${source.url} …`)
        await download(source, join(folder, IMAGE_FILES.disk), progress)
        progress.onStep(`${source.url} fetched${took(since)}`)
      })
    default:
      throw new TypeError(`no such image: ${source satisfies never}`)
  }
}

/** Names the image as it is now: another text when it is another one. */
export function identityOf(project: Project, image: string): string {
  const source = qemuImage(image)
  if (source.kind === 'debian') return debianImage(source.version)
  if (source.kind === 'url') return source.sha256
  const file = imageFile(project, source.path)
  const { size, mtimeMs } = statSync(file)
  return `${file} ${size} ${mtimeMs}`
}

/** Where an image of the user's lies. */
export function imageFile(project: Project, path: string): string {
  return resolve(dirname(project.file), path)
}

/** The disk of a Debian image must first be made here. */
export function isToBeMade(image: string): boolean {
  const source = qemuImage(image)
  return source.kind === 'debian' && diskIn(cached(source)) === undefined
}

function cached(source: Exclude<QemuImage, { kind: 'file' }>): string {
  if (source.kind === 'debian') return join(cacheFolder(), debianImage(source.version))
  const name = new URL(source.url).pathname.split('/').pop() ?? ''
  return join(cacheFolder(), `${name.replace(/[^\w.-]/g, '')}-${source.sha256.slice(0, 12)}`)
}
