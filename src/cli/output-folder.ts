import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { MlopsError } from '../errors.ts'

/** Makes a folder, and those above it that are missing. Node's own way (`recursive`) never ends below `/proc`. */
export function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
  const above = dirname(folder)
  if (above !== folder) makeFolder(above)
  mkdirSync(folder)
}

/** Writes to a folder that the user named. What the system refuses is thrown under the code. */
export function writeInto(folder: string, code: string, write: () => void): void {
  try {
    write()
  } catch (cause) {
    if (cause instanceof MlopsError || !(cause instanceof Error)) throw cause
    throw new MlopsError(code, `${folder} cannot be written: ${cause.message}`, {
      cause,
      hint: 'name a folder that you may write to',
    })
  }
}
