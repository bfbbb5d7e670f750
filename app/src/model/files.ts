import { PredictorError } from '../errors.ts'

/** The files of a folder by name. */
export type Files = ReadonlyMap<string, Buffer>

/** Throws `model.unreadable` when a file was never fetched, and only Git LFS' note about it lies there. */
export function refusePointers(files: Files): void {
  for (const [name, bytes] of files) {
    if (bytes.length < 1024 && bytes.toString('latin1').startsWith('version https://git-lfs.github.com/spec/')) {
      throw new PredictorError('model.unreadable', `${name} is a Git LFS pointer, not the file itself`, {
        hint: 'run `git lfs pull` before the files are copied',
      })
    }
  }
}
