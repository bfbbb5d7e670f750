import { readdirSync, realpathSync, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { PredictorError } from '../errors.ts'
import type { Files } from './files.ts'

/** Where the model and the served rows lie. */
export interface Source {
  readonly modelDir: string
  /** `undefined`: the only CSV file beside the model, else `fallbackData`. */
  readonly dataFile: string | undefined
  /** `undefined`: a model that is served without rows. */
  readonly fallbackData: string | undefined
}

/** What the files look like from outside, without reading them. */
export interface Look {
  /** Equal as long as no file is added, removed, replaced or written. */
  readonly mark: string
  /** The last change of any of them, in milliseconds since 1970. */
  readonly changedMs: number
  readonly modelFiles: readonly string[]
  readonly dataFile: string | undefined
  /** The folder is a release: written whole before it got its name, and never changed. */
  readonly isRelease: boolean
}

/** The contents, all of one moment. */
export interface Snapshot {
  readonly files: Files
  readonly data: { readonly name: string; readonly text: string } | undefined
  /** When each file was written, in milliseconds since 1970. */
  readonly writtenMs: ReadonlyMap<string, number>
}

const maxBytes = 256 * 1024 * 1024

/**
 * Looks at the files. Every batch of jobs does: a trip to the thread pool for each file would cost ten times what the look itself costs,
 * so it is done at once. Throws `model.missing` when the folder is not there.
 */
export async function look(source: Source): Promise<Look> {
  // A release is a folder behind a symlink: it is resolved once, so that one look never sees two releases.
  const dir = await orMissing(folderOf(source.modelDir), `the model folder ${source.modelDir}`)
  const names = readdirSync(dir)
    .filter(name => !name.startsWith('.'))
    .sort()
  const isRelease = names.includes('release.json')
  const dataFile = source.fallbackData && (source.dataFile ?? onlyTable(dir, names) ?? source.fallbackData)
  const paths = [dir, ...names.map(name => join(dir, name)), ...(dataFile ? [dataFile] : [])]
  const marks: string[] = []
  const modelFiles: string[] = []
  let changedMs = 0
  for (const path of paths) {
    const is = statSync(path, { bigint: true, throwIfNoEntry: false })
    marks.push(`${path} ${is?.ino} ${is?.size} ${is?.mtimeNs} ${is?.ctimeNs}`)
    // ctime: a copy that keeps the old modification time, or a rename, counts as a change as well.
    changedMs = Math.max(changedMs, Number(is?.ctimeMs ?? 0), Number(is?.mtimeMs ?? 0))
    if (is?.isFile() && path !== dataFile && path !== dir && !path.endsWith('.csv')) modelFiles.push(path)
  }
  return { mark: marks.join('\n'), changedMs, modelFiles, dataFile, isRelease }
}

/** The release that is live, where there are releases; else the folder itself. */
async function folderOf(modelDir: string): Promise<string> {
  const current = join(modelDir, 'current')
  return realpathSync.native(statSync(current, { throwIfNoEntry: false }) ? current : modelDir)
}

/** Reads what was looked at; `undefined` when it changed meanwhile. */
export async function read(source: Source, before: Look): Promise<Snapshot | undefined> {
  const files = new Map<string, Buffer>()
  let total = 0
  const writtenMs = new Map<string, number>()
  try {
    for (const path of before.modelFiles) {
      const is = await stat(path)
      total += is.size
      writtenMs.set(basename(path), is.mtimeMs)
      if (total > maxBytes)
        throw new PredictorError('model.unsupported', `the model folder holds more than ${maxBytes / 1024 / 1024} MiB`)
      files.set(basename(path), await readFile(path))
    }
    const data = before.dataFile === undefined ? undefined : await readData(before.dataFile)
    if ((await look(source)).mark !== before.mark) return undefined
    return { files, data, writtenMs }
  } catch (error) {
    if ((await look(source)).mark !== before.mark) return undefined
    throw error
  }
}

async function readData(path: string): Promise<{ name: string; text: string }> {
  return { name: basename(path), text: await orMissing(readFile(path, 'utf8'), `the data file ${path}`) }
}

function onlyTable(dir: string, names: readonly string[]): string | undefined {
  const [first, second] = names.filter(name => name.endsWith('.csv'))
  return first !== undefined && second === undefined ? join(dir, first) : undefined
}

async function orMissing<T>(reading: Promise<T>, what: string): Promise<T> {
  try {
    return await reading
  } catch (error) {
    throw new PredictorError(
      'model.missing',
      `${what} cannot be read: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    )
  }
}
