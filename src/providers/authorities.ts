import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TarEntry } from './tar.ts'

/** The certificate authorities that were added to this machine, for images whose programs talk to the same network. */
export function machineAuthorities(folder = '/usr/local/share/ca-certificates'): TarEntry[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    return []
  }
  return names
    .filter(name => name.endsWith('.crt'))
    .sort()
    .map(name => ({ path: `ca/${name}`, content: readFileSync(join(folder, name)) }))
}
