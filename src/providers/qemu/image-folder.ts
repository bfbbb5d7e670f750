import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Disk, diskIn } from './disk.ts'
import { machineIn } from './machine.ts'

/** Where images lie that are made or fetched once for all projects (XDG Base Directory Specification). */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'mlops', 'qemu-images')
}

/** Where images lie that were baked of servers. */
export function bakedFolder(): string {
  return join(dirname(cacheFolder()), 'qemu-baked')
}

/** The disk in the folder, which `make` fills when it is not there: whole or not at all, and by one of us alone. */
export async function diskOnce(folder: string, make: (folder: string) => Promise<void>): Promise<Disk> {
  const found = diskIn(folder)
  if (found !== undefined) return found
  mkdirSync(dirname(folder), { recursive: true, mode: 0o700 })
  const unfinished = mkdtempSync(`${folder}${UNFINISHED}`)
  try {
    await make(unfinished)
    // Another run may have been quicker.
    if (!existsSync(folder)) renameSync(unfinished, folder)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  const made = diskIn(folder)
  if (made === undefined) throw new Error(`${folder} was made without a disk`)
  return made
}

const UNFINISHED = '.unfinished-'

/** The images in a folder of images. */
export function imagesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).filter(name => !name.includes(UNFINISHED) && diskIn(join(folder, name)) !== undefined)
}

/** Whether servers, of whatever project, have disks that are layers above this image; those of `except` do not count. */
export function isUsed(folder: string, except: ReadonlySet<string> = new Set()): boolean {
  const users = join(folder, USERS)
  if (!existsSync(users)) return false
  return readdirSync(users)
    .filter(id => !except.has(id))
    .some(id => machineIn(readFileSync(join(users, id), 'utf8'))?.id === id)
}

/** Remembers that a server's disk is a layer above this image, which must stay as long as that server. */
export function noteUser(disk: Disk, server: { readonly id: string; readonly folder: string }): void {
  const users = usersOf(disk)
  if (users === undefined) return
  mkdirSync(users, { recursive: true })
  writeFileSync(join(users, server.id), server.folder)
}

/** Forgets that a server, which is gone, needed this image. */
export function forgetUser(disk: Disk, id: string): void {
  const users = usersOf(disk)
  if (users !== undefined) rmSync(join(users, id), { force: true })
}

/** Undefined: an image of the user's own, which is not ours to remove. */
function usersOf(disk: Disk): string | undefined {
  const folder = dirname(disk.file)
  return [cacheFolder(), bakedFolder()].includes(dirname(folder)) ? join(folder, USERS) : undefined
}

const USERS = 'users'
