import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, parse } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MlopsError } from '../errors.ts'
import { type Kit, kit } from '../modules/kit.ts'
import { scriptModule } from '../modules/library-script.ts'
import type { Module, ModuleRegistry } from '../modules/module.ts'
import { registry, withLibrary } from '../modules/registry.ts'
import { importModule } from './import-module.ts'

/**
 * The modules of this program and those in `library/` beside the playbook, in its roles, and in further folders; the first of
 * a name wins. Throws `library.module` for a file that is no module.
 */
export async function modulesFor(
  directory: string,
  { rolesPath, libraryPath }: { readonly rolesPath: readonly string[]; readonly libraryPath: readonly string[] },
): Promise<ModuleRegistry> {
  const roles = [join(directory, 'roles'), ...rolesPath].flatMap(folder =>
    names(folder).map(role => join(folder, role, 'library')),
  )
  const own: Record<string, Module> = {}
  for (const folder of [join(directory, 'library'), ...roles, ...libraryPath]) {
    for (const file of names(folder)) {
      const { name } = parse(file)
      const path = join(folder, file)
      if (!/^[a-z_]\w*$/i.test(name) || /\.(?:md|rst|txt|json|ya?ml|pyc|d\.ts|test\.[jt]s)$/.test(file)) continue
      if (Object.hasOwn(own, name) || !statSync(path).isFile()) continue
      own[name] = await load(name, path)
    }
  }
  return Object.keys(own).length === 0 ? registry : withLibrary(own)
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

async function load(name: string, path: string): Promise<Module> {
  const extension = extname(path)
  if (!['.js', '.mjs', '.cjs', '.ts', '.mts'].includes(extension)) return scriptModule(name, readFileSync(path))
  if (extension === '.js' && isNodeScript(readFileSync(path, 'utf8'))) return scriptModule(name, readFileSync(path))
  const loaded = await read(path, extension)
  const made = typeof loaded === 'function' ? (loaded as (given: Kit) => unknown)(kit) : loaded // the file's default export
  if (isModule(made)) return made
  throw notOne(
    path,
    'its default export is no module; write `export default ({ defineState, sh }) => defineState({ … })`',
  )
}

/** A script for the host's own Node, not a module of ours. */
function isNodeScript(text: string): boolean {
  return text.startsWith('#!') && text.includes('WANT_JSON')
}

async function read(path: string, extension: string): Promise<unknown> {
  try {
    const url =
      extension.endsWith('ts') && !Reflect.get(process.features, 'typescript')
        ? await compiled(path)
        : pathToFileURL(path).href
    return Reflect.get(await importModule(url), 'default')
  } catch (error) {
    if (error instanceof MlopsError) throw error
    throw notOne(path, error instanceof Error ? error.message : String(error))
  }
}

/** Node reads TypeScript by itself from version 22.18 on; before, esbuild does, where it is installed. */
async function compiled(path: string): Promise<string> {
  let esbuild: { build(options: object): Promise<{ outputFiles: readonly { text: string }[] }> }
  try {
    esbuild = (await importModule('esbuild')) as typeof esbuild // as its types say
  } catch {
    throw notOne(
      path,
      'this Node reads no TypeScript: use Node 22.18 or newer, install esbuild, or write the module as .mjs',
    )
  }
  const { outputFiles } = await esbuild.build({
    entryPoints: [path],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  })
  return `data:text/javascript;base64,${Buffer.from(outputFiles[0]?.text ?? '').toString('base64')}`
}

function isModule(value: unknown): value is Module {
  if (typeof value !== 'object' || value === null) return false
  const kind: unknown = Reflect.get(value, 'kind')
  const parts = { state: ['look', 'read', 'want', 'change'], action: ['act', 'read'], controller: ['run'] }
  const needed = kind === 'state' || kind === 'action' || kind === 'controller' ? parts[kind] : undefined
  return (
    needed?.every(part => typeof Reflect.get(value, part) === 'function') === true &&
    typeof Reflect.get(value, 'args') === 'object'
  )
}

function notOne(path: string, why: string): MlopsError {
  return new MlopsError('library.module', `${path} cannot be used as a module: ${why}`)
}
