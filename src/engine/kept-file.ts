import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, normalize, resolve } from 'node:path'
import { ConnectionError } from '../connection/connection.ts'
import { ModuleFailure, type Result } from '../modules/module.ts'

/**
 * Keeps a file of a host on the controller, unless it is there already. `to` is relative to `folder`; the file is complete or as before.
 * Throws `ModuleFailure` when it cannot be read or written.
 */
export async function keep(
  { from, to, sha1, folder = '.' }: { from: string; to: string; sha1: string; folder?: string | undefined },
  read: () => Promise<Uint8Array>,
): Promise<Result> {
  const dest = normalize(resolve(folder, to))
  const before = existing(dest)
  if (before !== undefined && digest('sha1', before) === sha1) {
    return { changed: false, dest, file: from, checksum: sha1, md5sum: digest('md5', before) }
  }
  const bytes = await read().catch((error: unknown) => {
    if (error instanceof ConnectionError && error.kind === 'no-file') throw new ModuleFailure(error.message)
    throw error
  })
  const checksum = digest('sha1', bytes)
  const temporary = join(dirname(dest), `.${basename(dest)}.${process.pid}.mlops`)
  try {
    mkdirSync(dirname(dest), { recursive: true })
    writeFileSync(temporary, bytes)
    renameSync(temporary, dest)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw new ModuleFailure(`Failed to fetch the file: ${error instanceof Error ? error.message : String(error)}`)
  }
  return {
    changed: true,
    dest,
    checksum,
    md5sum: digest('md5', bytes),
    remote_checksum: sha1,
    remote_md5sum: null,
  }
}

function existing(path: string): Uint8Array | undefined {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat?.isDirectory()) {
    throw new ModuleFailure(
      'dest is an existing directory, use a trailing slash if you want to fetch src into that directory',
    )
  }
  return stat === undefined ? undefined : readFileSync(path)
}

function digest(algorithm: 'sha1' | 'md5', bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex')
}
