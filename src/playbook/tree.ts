import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { explain, MlopsError } from '../errors.ts'
import { type LoadedPlaybook, type LoadOptions, loadPlaybook } from './load.ts'
import { sampleModules } from './sample-modules.ts'

/** Files of a test in a folder of their own, by path. */
export type Files = Readonly<Record<string, string>>

/** Writes the files and loads `site.yml` of them; the folder goes when the test ends. */
export function loadTree(files: Files, options: Partial<LoadOptions> = {}): LoadedPlaybook & { folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-playbook-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  try {
    return { folder, ...loadPlaybook(join(folder, 'site.yml'), { modules: sampleModules, ...options }) }
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error
    throw new Complaint(explain(error).replaceAll(`${folder}/`, '').replaceAll(folder, '.'))
  }
}

class Complaint extends Error {}

/** All errors of the files as they are shown, paths without the folder; 'no error' when they load. */
export function complaints(files: Files | string, options: Partial<LoadOptions> = {}): string {
  try {
    loadTree(typeof files === 'string' ? { 'site.yml': files } : files, options)
    return 'no error'
  } catch (error) {
    if (error instanceof Complaint) return error.message
    throw error
  }
}
