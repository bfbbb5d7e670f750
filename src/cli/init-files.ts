import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MlopsError, throwAll } from '../errors.ts'
import type { ProviderName } from '../project/project.ts'
import { clusterScaffold, nameFrom, scaffold } from '../project/scaffold.ts'
import { projectSchema } from '../project/schema.ts'
import { validate } from '../schema/validate.ts'
import { parseOne } from '../source/parse.ts'
import { makeFolder, writeInto } from './output-folder.ts'

/** The folder of this package: two up, in `src/cli` as in `dist/chunks`. */
const HOME = fileURLToPath(new URL('../..', import.meta.url))
/** What a new project starts with beside `mlops.yml`: copies to change at will. */
const COPIED = ['cloud-init', 'playbooks']

export interface Initialized {
  readonly folder: string
  readonly name: string
  /** Seen from the folder. */
  readonly written: readonly string[]
}

/** What a new project starts with, for servers, a swarm of servers, or a cluster. */
export type InitOptions = { readonly name?: string | undefined } & (
  | { readonly provider: ProviderName; readonly target?: 'servers' | 'swarm'; readonly subnet?: string | undefined }
  | { readonly provider: undefined; readonly image?: string | undefined; readonly repository?: string | undefined }
)

/** Writes a new project. Throws `init.exists` when a file of it is there already, before anything is written. */
export function initialize(folder: string, options: InitOptions): Initialized {
  const target = resolve(folder)
  const name = options.name ?? nameFrom(basename(target))
  const files = [projectFile(options, name, target), ...(options.provider === undefined ? [] : copies())]
  const present = files.map(([file]) => file).filter(file => existsSync(join(target, file)))
  if (present.length > 0) {
    const are = present.length === 1 ? 'is' : 'are'
    throw new MlopsError('init.exists', `nothing was written: ${present.join(', ')} ${are} in ${target} already`, {
      hint: 'name another folder: mlops init FOLDER',
    })
  }
  const written = files.map(([file]) => file)
  writeInto(target, 'init.folder', () => {
    writeAll(target, files)
    if (ignoreState(join(target, '.gitignore'))) written.push('.gitignore')
  })
  return { folder: target, name, written }
}

/** All files, or none of them. */
function writeAll(target: string, files: readonly [string, string][]): void {
  const undo: (() => void)[] = []
  try {
    for (const [file, text] of files) {
      const path = join(target, file)
      for (const folder of makeFolder(dirname(path))) undo.push(() => rmdirSync(folder))
      const isOthers = existsSync(path)
      if (!isOthers) undo.push(() => rmSync(path, { force: true }))
      writeFileSync(path, text, { flag: 'wx' })
    }
  } catch (error) {
    for (const step of undo.reverse()) step()
    throw error
  }
}

function projectFile(options: InitOptions, name: string, target: string): [string, string] {
  const appSource = relative(HOME, target) === '' ? undefined : join(HOME, 'app')
  const text =
    options.provider === undefined ? clusterScaffold({ ...options, name }) : scaffold({ ...options, name, appSource })
  throwAll(validate(parseOne(text, 'mlops.yml').root, projectSchema))
  return ['mlops.yml', text]
}

function copies(): [string, string][] {
  return COPIED.flatMap(folder => filesBelow(join(HOME, folder))).map(file => [
    relative(HOME, file),
    readFileSync(file, 'utf8'),
  ])
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : [path]
  })
}

/** State is never committed. Says whether the file was changed. */
function ignoreState(file: string): boolean {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (/^\/?\.mlops\/?$/m.test(before)) return false
  const lineBreak = before === '' || before.endsWith('\n') ? '' : '\n'
  writeFileSync(file, `${before}${lineBreak}.mlops/\n`)
  return true
}
