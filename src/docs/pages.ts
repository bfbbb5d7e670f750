import type { ModuleRegistry } from '../modules/module.ts'
import { moduleIndex, modulePage } from './module-page.ts'

/** All generated pages: path below `docs/reference/` → text. */
export function pages(modules: ModuleRegistry): ReadonlyMap<string, string> {
  const all = new Map([['modules/README.md', moduleIndex(modules)]])
  for (const name of modules.names()) {
    const module = modules.find(name)
    if (module) all.set(`modules/${name}.md`, modulePage(name, module))
  }
  return all
}
