import { readdirSync } from 'node:fs'
import type { MlopsError } from '../errors.ts'

/** Who was trained on matters to who judges a model, not to who serves it. */
const leftOut = new Set(['training-rows.txt'])

/** The names of the files of a model that is served, in order. Throws what `fail` makes of a folder that cannot be read or holds none. */
export function modelFiles(
  name: string,
  folder: string,
  fail: (message: string, hint: string) => MlopsError,
): readonly string[] {
  const files = namesIn(folder)
  if (files instanceof Error)
    throw fail(`the model ${name} cannot be read: ${files.message}`, `let ${folder} be a folder that you can read`)
  if (files.length === 0)
    throw fail(`there is no model in ${folder}`, `mlops train ${name} --model-dir ${folder} makes one`)
  return files
}

/** None for a folder that is not there. */
function namesIn(folder: string): string[] | Error {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(entry => entry.isFile() && !leftOut.has(entry.name))
      .map(entry => entry.name)
      .sort()
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []
    return cause instanceof Error ? cause : new Error(String(cause))
  }
}
