import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { modulePage } from '../docs/module-page.ts'
import { pages } from '../docs/pages.ts'
import { MlopsError } from '../errors.ts'
import { registry } from '../modules/registry.ts'
import { didYouMean } from '../near.ts'

/** Every module with its summary. */
export function listModules(): string {
  const width = Math.max(...registry.names().map(name => name.length))
  return registry
    .names()
    .map(name => `${name.padEnd(width)}  ${registry.find(name)?.summary ?? ''}\n`)
    .join('')
}

/** The pages of these modules. */
export function showPages(names: readonly string[]): string {
  return names.map(showPage).join('\n')
}

/** Writes all pages, and removes those of modules that are gone. */
export function writePages(folder: string): void {
  const all = pages(registry)
  for (const [path, text] of all) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  for (const name of readdirSync(join(folder, 'modules'))) {
    if (name.endsWith('.md') && !all.has(`modules/${name}`)) rmSync(join(folder, 'modules', name))
  }
  process.stdout.write(`${all.size} pages are in ${folder}\n`)
}

function showPage(name: string): string {
  const module = registry.find(name)
  if (module) return modulePage(name.slice(name.lastIndexOf('.') + 1), module)
  throw new MlopsError('doc.no-module', `there is no module \`${name}\``, {
    hint: didYouMean(name.slice(name.lastIndexOf('.') + 1), registry.names()) ?? 'mlops doc --list shows all of them',
  })
}
