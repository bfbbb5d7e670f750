import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { MlopsError, reasonOf } from '../errors.ts'

/** Makes a folder, and those above it that are missing; gives all that it made. Node's own way (`recursive`) never ends below `/proc`. */
export function makeFolder(folder: string, mode = 0o777): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return []
  const above = dirname(folder)
  const made = above === folder ? [] : makeFolder(above, mode)
  mkdirSync(folder, { mode })
  return [...made, folder]
}

/** Writes to a folder or file that the user named. What the system refuses is thrown under the code. */
export function writeInto(folder: string, code: string, write: () => void): void {
  try {
    write()
  } catch (cause) {
    if (cause instanceof MlopsError || !(cause instanceof Error)) throw cause
    throw new MlopsError(code, `${folder} cannot be written: ${reasonOf(cause)}`, {
      cause,
      hint: 'name one that you may write to',
    })
  }
}
