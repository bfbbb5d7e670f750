import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { cachedDataVersionTag } from 'node:v8'
import { crc32 } from 'node:zlib'
import { makeFolder } from './output-folder.ts'

/** What V8 compiled in an earlier run. */
export interface KeptCode {
  readonly code: Buffer
  /** Whether it was made so long ago that other parts of the program may be in use by now. */
  readonly isOld: boolean
}

/**
 * Where compiled code of a program is kept: for this user, this Node and its settings, and this part of the program. Undefined for
 * who has no home.
 */
export function codeFile(program: string, part: string): string | undefined {
  const cache = cacheHome()
  const engine = `${process.version}-${process.arch}-${cachedDataVersionTag().toString(16)}`
  return cache && join(cache, 'mlops', 'code', `${program}-${engine}-${part}`)
}

/** Undefined: there is none, it is damaged, or somebody else could have written it, so that it must not run. */
export function readCode(file: string): KeptCode | undefined {
  let descriptor: number | undefined
  try {
    if (!isOurs(statSync(dirname(file)))) return undefined
    descriptor = openSync(file, 'r')
    const stats = fstatSync(descriptor)
    if (!stats.isFile() || !isOurs(stats)) return undefined
    const bytes = readFileSync(descriptor)
    const code = bytes.subarray(0, -DIGEST_BYTES)
    // V8 looks at the head only, and ends the process when the rest is damaged
    if (!digest(code).equals(bytes.subarray(code.length))) return undefined
    return { code, isOld: Date.now() - stats.mtimeMs > DAY_MS }
  } catch {
    return undefined
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/** Keeps code for later runs: whole or not at all. What does not work out is left, since the program runs without it, too. */
export function writeCode(file: string, code: Buffer): void {
  try {
    const folder = dirname(file)
    // under sudo the home is often somebody else's
    if (!isOurs(statSync(nearest(folder)))) return
    makeFolder(folder, 0o700)
    if (!isOurs(statSync(folder))) return
    place(file, Buffer.concat([code, digest(code)]))
    prune(folder)
  } catch {
    // the next run tries again
  }
}

function cacheHome(): string | undefined {
  const { XDG_CACHE_HOME: given } = process.env
  if (given !== undefined && isAbsolute(given)) return given
  try {
    return join(homedir(), '.cache')
  } catch {
    return undefined
  }
}

const DIGEST_BYTES = 4
const DAY_MS = 86_400_000
/** More than the commands of two versions that somebody uses in turns. */
const MOST_FILES = 32

/** Against damage, not against people. */
function digest(code: Buffer): Buffer {
  const bytes = Buffer.alloc(DIGEST_BYTES)
  bytes.writeUInt32BE(crc32(code))
  return bytes
}

function isOurs({ uid, mode }: Stats): boolean {
  return uid === process.geteuid?.() && (mode & 0o022) === 0
}

function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(dirname(folder))
}

function place(file: string, bytes: Buffer): void {
  const temporary = `${file}.${process.pid}`
  const descriptor = openSync(temporary, 'wx', 0o600)
  try {
    writeFileSync(descriptor, bytes)
    fsyncSync(descriptor)
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
}

/** Removes what was written first. */
function prune(folder: string): void {
  const files = readdirSync(folder).map(name => join(folder, name))
  if (files.length <= MOST_FILES) return
  const byAge = files.map(file => ({ file, at: statSync(file).mtimeMs })).sort((a, b) => b.at - a.at)
  for (const { file } of byAge.slice(MOST_FILES)) rmSync(file, { force: true })
}
