import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { MlopsError, MlopsErrors, reasonOf, throwAll } from '../errors.ts'
import { didYouMean } from '../near.ts'
import type { SourceDocument } from '../source/node.ts'
import { parse } from '../source/parse.ts'
import { utf8Of } from '../source/utf8.ts'
import { isEncrypted } from '../vault/envelope.ts'
import { openVault } from '../vault/keyring.ts'
import { assemble } from './assemble.ts'
import { isConstructed, readConstructed } from './constructed.ts'
import { Draft } from './draft.ts'
import { expandHosts } from './host-pattern.ts'
import { readIni } from './ini.ts'
import type { Host, Inventory } from './inventory.ts'
import { readScript } from './script.ts'
import { VarsFiles } from './vars-files.ts'
import { readYaml } from './yaml.ts'

/** Never sources, in a folder of sources. */
const NO_SOURCE = /^\.|^(group_vars|host_vars|vars_plugins)$/
/** Left out in a folder of sources, as Ansible does. */
const IGNORED_ENDING = /(~|\.(pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry))$/

export interface InventoryOptions {
  /** Where `group_vars/` and `host_vars/` count as the playbook's. */
  readonly playbookDirectory?: string | undefined
}

/**
 * Reads files, folders and comma lists of hosts, with `group_vars/` and `host_vars/`.
 * Throws all that is wrong in them at once (`inventory.*`, `source.*`).
 */
export function loadInventory(sources: readonly string[], options: InventoryOptions = {}): Inventory {
  const draft = new Draft()
  const files: string[] = []
  for (const source of sources) readSource(source, draft, files)
  throwAll(draft.errors)
  const read = new Map<string | undefined, Inventory>()
  const beside = (playbookDirectory: string | undefined): Inventory => {
    const directory = playbookDirectory === undefined ? undefined : resolve(playbookDirectory)
    const known = read.get(directory)
    if (known) return known
    const varsFiles = new VarsFiles(sources, directory)
    const inventory = assemble(draft, varsFiles, files)
    throwAll(varsFiles.errors)
    const warnings = [...inventory.warnings, ...varsFiles.warnings]
    read.set(directory, { ...inventory, warnings, beside })
    return beside(directory)
  }
  return beside(options.playbookDirectory)
}

/** The host `localhost` that is there without being named: connection `local`, in no group, not part of `all`. */
export function implicitLocalhost(inventory: Inventory): Host {
  return inventory.localhost
}

function readSource(source: string, draft: Draft, files: string[]): void {
  if (!existsSync(source)) {
    if (source.includes(',')) readHostList(source, draft)
    else draft.error('no-file', `there is no inventory ${source}`, undefined, hintForMissing(source))
  } else if (statSync(source).isDirectory()) readFolder(source, draft, files)
  else readFile(source, draft, files)
}

function hintForMissing(source: string): string {
  const folder = dirname(source)
  const beside = existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder) : []
  return didYouMean(basename(source), beside) ?? 'a list of hosts needs a comma: -i web1,'
}

function readFolder(folder: string, draft: Draft, files: string[]): void {
  for (const name of readdirSync(folder).sort()) {
    if (NO_SOURCE.test(name)) continue
    const path = join(folder, name)
    if (!IGNORED_ENDING.test(name)) readSource(path, draft, files)
    else if (name.endsWith('.ini')) {
      draft.warnings.push(`${path} is left out: in a folder of sources, Ansible ignores .ini`)
    }
  }
}

function readHostList(source: string, draft: Draft): void {
  for (const text of source.split(',').map(part => part.trim())) {
    if (text === '') continue
    const hosts = expandHosts(text)
    if ('problem' in hosts) {
      draft.error('syntax', `${hosts.problem} (in the list of hosts \`${source}\`)`)
      continue
    }
    for (const name of hosts.names) {
      const { settings } = draft.host(name, draft.group('ungrouped'), source)
      if (hosts.port !== undefined) settings.set('ansible_port', { value: hosts.port, at: () => undefined })
    }
  }
}

function readFile(file: string, draft: Draft, files: string[]): void {
  let text: string
  let kind: ReturnType<typeof kindOf>
  try {
    const read = readFileSync(file)
    const bytes = isEncrypted(read) ? openVault(read.toString('latin1'), file) : read
    text = bytes.toString('utf8')
    kind = kindOf(file, text)
    if (kind === 'ini' || kind === 'yaml') text = utf8Of(bytes, file)
  } catch (cause) {
    if (cause instanceof MlopsError) {
      draft.errors.push(cause)
      return
    }
    const message = `the inventory ${file} cannot be read: ${reasonOf(cause)}`
    draft.errors.push(new MlopsError('inventory.no-file', message, { cause }))
    return
  }
  files.push(file)
  if (kind === 'ini') readIni(text, file, draft)
  else if (kind === 'yaml') gather(draft, () => readDocuments(parse(text, file), file, draft))
  else if (kind !== 'TOML' && isExecutable(file)) gather(draft, () => readScript(file, draft))
  else if (kind !== 'TOML') {
    draft.error('script', `${file} is ${kind}, and must not be executed`, undefined, `chmod +x ${file} lets it be run`)
  } else draft.error('unsupported', `${file} is ${kind}, which is not supported yet as an inventory`)
}

function readDocuments(documents: readonly SourceDocument[], file: string, draft: Draft): void {
  const [first] = documents
  if (first && isConstructed(first.root)) readConstructed(first.root, file, draft)
  else readYaml(documents, file, draft)
}

function gather(draft: Draft, read: () => void): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error
    draft.errors.push(...(error instanceof MlopsErrors ? error.errors : [error]))
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function kindOf(file: string, text: string): 'ini' | 'yaml' | 'a script' | 'a program' | 'TOML' {
  if (text.startsWith('#!')) return 'a script'
  if (text.includes('\0')) return 'a program'
  if (/\.(ya?ml|json)$/.test(file)) return 'yaml'
  if (file.endsWith('.toml')) return 'TOML'
  const first = text.split('\n').find(line => line.trim() !== '' && !/^\s*[#;]/.test(line)) ?? ''
  return /^(---|\{|["']?[\w.-]+["']?:(\s|$))/.test(first) ? 'yaml' : 'ini'
}
