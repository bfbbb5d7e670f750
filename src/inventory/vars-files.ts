import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { MlopsError, MlopsErrors } from '../errors.ts'
import { load } from '../source/load.ts'
import { data, type MapNode } from '../source/node.ts'
import type { VarsLayer } from './inventory.ts'

type Folder = 'group_vars' | 'host_vars'

const ENDINGS = ['', '.yml', '.yaml', '.json']

/** `group_vars/` and `host_vars/` beside the inventory's sources and beside the playbook. Files are read once. */
export class VarsFiles {
  readonly errors: MlopsError[] = []
  readonly warnings: string[] = []
  private readonly besideInventory: readonly string[]
  private readonly besidePlaybook: readonly string[]
  private readonly names = new Map<string, ReadonlySet<string>>()
  private readonly layers = new Map<string, readonly VarsLayer[]>()

  constructor(sources: readonly string[], playbookDirectory: string | undefined) {
    const folders = new Set(sources.flatMap(source => present(this.folderOf(source))))
    this.besideInventory = [...folders]
    // What lies beside both is read beside the playbook, where it counts more.
    this.besidePlaybook = playbookDirectory === undefined ? [] : [resolve(playbookDirectory)]
  }

  /** The folder of a source, absolute; undefined for a list of hosts. */
  folderOf(source: string): string | undefined {
    if (!existsSync(source)) return undefined
    return resolve(statSync(source).isDirectory() ? source : dirname(source))
  }

  group(name: string, beside: 'inventory' | 'playbook'): readonly VarsLayer[] {
    const folders = beside === 'inventory' ? this.besideInventory : this.besidePlaybook
    return folders.flatMap(folder => this.layersOf(folder, 'group_vars', name))
  }

  host(name: string): readonly VarsLayer[] {
    const folders = [...this.besideInventory, ...this.besidePlaybook]
    return folders.flatMap(folder => this.layersOf(folder, 'host_vars', name))
  }

  private layersOf(directory: string, folder: Folder, name: string): readonly VarsLayer[] {
    const base = join(directory, folder)
    const names = this.list(base)
    if (names.size === 0) return []
    const ending = ENDINGS.find(candidate => names.has(name + candidate))
    if (ending === undefined) return []
    const path = join(base, name + ending)
    const known = this.layers.get(path)
    if (known) return known
    const layers = filesBelow(path).flatMap(file => this.read(file, `${folder}${file.slice(base.length)}`))
    this.layers.set(path, layers)
    return layers
  }

  /** The names in a folder: one look at the disk, however many hosts there are. */
  private list(folder: string): ReadonlySet<string> {
    const known = this.names.get(folder)
    if (known) return known
    const names = new Set(existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder) : [])
    this.names.set(folder, names)
    return names
  }

  private read(file: string, origin: string): VarsLayer[] {
    try {
      const { root, warnings } = load(file)
      if (root.kind === 'scalar' && root.value === null) return []
      this.warnings.push(...warnings.map(({ message, at }) => `${at.file}:${at.line}: ${message}`))
      if (root.kind === 'map') return [{ origin, vars: record(root), at: name => root.entry(name)?.key.at }]
      const message = `${origin} must hold variables: \`name: value\``
      this.errors.push(new MlopsError('inventory.vars-file', message, { at: root.at }))
    } catch (error) {
      if (!(error instanceof MlopsError)) throw error
      this.errors.push(...(error instanceof MlopsErrors ? error.errors : [error]))
    }
    return []
  }
}

/** The file itself, or the files of a folder and its folders, sorted; hidden ones, backups and other kinds left out. */
function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .sort()
    .filter(name => !name.startsWith('.') && !name.endsWith('~'))
    .flatMap(name => {
      const file = join(path, name)
      if (statSync(file).isDirectory()) return filesBelow(file)
      return !name.includes('.') || /\.(ya?ml|json)$/.test(name) ? [file] : []
    })
}

function record(map: MapNode): Record<string, unknown> {
  return Object.fromEntries(map.entries.map(({ key, value }) => [String(key.value), data(value)]))
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value]
}
