import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PredictorError } from '../errors.ts'
import type { Files } from '../model/format.ts'

/** What a pushed model may weigh. */
export interface Limits {
  readonly maxBytes: number
  readonly maxFiles: number
}

/** Reads a folder that somebody else filled; throws `candidate.refused` with every problem at once. Folders below it are left alone. */
export async function readCandidate(dir: string, { maxBytes, maxFiles }: Limits): Promise<Files> {
  const problems: string[] = []
  const files = new Map<string, Buffer>()
  let bytes = 0
  const names = (await readdir(dir)).filter(name => !ignored(name)).sort()
  for (const name of names) {
    const path = join(dir, name)
    const is = await lstat(path)
    if (is.isDirectory()) continue
    bytes += is.isFile() ? is.size : 0
    if (!is.isFile())
      problems.push(`${name} is a ${is.isSymbolicLink() ? 'symbolic link' : 'special file'}, not a file`)
    else if (bytes <= maxBytes && files.size < maxFiles) files.set(name, await readFile(path))
  }
  if (bytes > maxBytes) problems.push(`the files have ${bytes} bytes, at most ${maxBytes} are taken`)
  if (names.length > maxFiles) problems.push(`there are ${names.length} files, at most ${maxFiles} are taken`)
  if (problems.length > 0) throw new PredictorError('candidate.refused', problems.join('\n'))
  return files
}

/** Formats that run code of the file when they are loaded: no model is ever read from one. */
const carriesCode: ReadonlyMap<string, string> = new Map([
  ['.pkl', 'a Python pickle'],
  ['.pickle', 'a Python pickle'],
  ['.joblib', 'a Python pickle'],
  ['.pt', 'a PyTorch pickle'],
  ['.pth', 'a PyTorch pickle'],
  ['.pb', 'a TensorFlow SavedModel'],
])

/** Names the files that could have been meant as the model, and cannot be: `undefined` when there are none. */
export function unsafeFormats(files: Files): string | undefined {
  const found = [...files.keys()].flatMap(name => {
    const format = carriesCode.get(name.slice(name.lastIndexOf('.')).toLowerCase())
    return format ? [`${name} is ${format}, which could run code where it is loaded`] : []
  })
  return found.length > 0 ? found.join('; ') : undefined
}

/** What people keep beside a model and no model is made of: hidden files and notes. */
function ignored(name: string): boolean {
  return name.startsWith('.') || /^(readme|license)(\.(md|txt))?$/i.test(name)
}
