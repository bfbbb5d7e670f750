import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { makeFolder } from './save.ts'

/** Writes files into a folder: a new folder appears with all of them, in one that is there already each is replaced whole, in their order. */
export async function writeWhole(dir: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
  const target = resolve(dir)
  await makeFolder(dirname(target))
  const beside = join(dirname(target), `.${basename(target)}.${process.pid}`)
  await mkdir(beside)
  try {
    for (const [name, bytes] of files) await put(join(beside, name), bytes)
    try {
      // Takes the place of an empty folder too, and of no other.
      await rename(beside, target)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOTDIR') throw error
      for (const name of files.keys()) await rename(join(beside, name), join(target, name))
    }
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
}

async function put(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx', 0o644)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}
