// Puts what esbuild made (`write: false`) in place: each file by a rename, the one that names the others last, and only then
// is what was there before removed. Whoever starts the program meanwhile gets the old one or the new one, whole.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export function writeOutputs({ outputFiles }, outdir, extra = {}) {
  const files = new Map(Object.entries(extra).map(([name, text]) => [join(outdir, name), text]))
  for (const { path, contents } of outputFiles) files.set(path, contents)
  const chunksFirst = [...files].sort(([a], [b]) => b.split('/').length - a.split('/').length)
  for (const [path, contents] of chunksFirst) {
    mkdirSync(dirname(path), { recursive: true })
    const temporary = `${path}.${process.pid}`
    writeFileSync(temporary, contents)
    renameSync(temporary, path)
  }
  if (!existsSync(outdir)) return
  for (const entry of readdirSync(outdir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    // what ends in a number is being written by another build
    if (entry.isFile() && !files.has(path) && !/\.\d+$/.test(path)) rmSync(path, { force: true })
  }
}
