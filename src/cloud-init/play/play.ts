import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { MlopsError, type Position, throwAll } from '../../errors.ts'
import type { Module, ModuleRegistry } from '../../modules/module.ts'
import type { LoadedPlaybook } from '../../playbook/load.ts'
import type { IncludeLoader, Play } from '../../playbook/types.ts'
import { shownPath } from '../../source/load.ts'
import { keyText, type MapNode } from '../../source/node.ts'
import { parseOne } from '../../source/parse.ts'
import { byPlace, checkUserDataFile } from '../check.ts'
import { topLevelKeys } from '../schema.ts'
import { cloudConfigs, unpacked } from '../user-data.ts'
import { KEY_PLACEHOLDER } from '../without-templates.ts'
import { appendText } from './append-text.ts'
import { apt } from './apt.ts'
import { Draft } from './draft.ts'
import { writeFiles } from './files.ts'
import { FIRST_BOOT, PLAYED } from './keys.ts'
import { packages } from './packages.ts'
import { runCommands } from './run-commands.ts'
import { byobu, certificates, commands, hostname, locale, loginKeys, passwordLogin, timezone } from './system.ts'
import { groups, users } from './users.ts'

export interface CloudConfigPlayOptions {
  readonly modules: ModuleRegistry
  /** Pattern of the hosts. */
  readonly hosts: string
  /** What stands in the place of the key in the file; undefined: there is none. */
  readonly publicKey: string | undefined
  /** Commands run whatever ran last. */
  readonly forceCommands: boolean
}

/** A cloud-config as a playbook, with the modules that it is played with. */
export interface CloudConfigPlaybook extends LoadedPlaybook {
  readonly modules: ModuleRegistry
}

/**
 * Makes a play of a file of user data, in the order in which cloud-init works. Throws at once everything that is wrong in it or
 * cannot be played (`user-data.*`, `cloud-config.*`).
 */
export function cloudConfigPlay(file: string, options: CloudConfigPlayOptions): CloudConfigPlaybook {
  const found = checkUserDataFile(file)
  throwAll(found.errors)
  const root = rootOf(file, options.publicKey)
  const modules = withOwn(options.modules)
  const directory = dirname(resolve(file))
  const draft = new Draft(modules, directory, root.at)
  sortKeys(root, draft)
  compose(root, draft, options)
  throwAll([...draft.errors].sort(byPlace))
  const told = found.warnings.flatMap(({ message, hint, at }) =>
    at === undefined ? [] : [{ message: hint === undefined ? message : `${message}; ${hint}`, at }],
  )
  const play: Play = {
    id: 'cloud-config',
    name: `cloud-config ${shownPath(file)}`,
    at: root.at,
    hosts: { value: options.hosts, at: root.at },
    gatherFacts: { value: true, at: root.at },
    serial: [],
    vars: { value: {}, at: root.at },
    varsFiles: [],
    varsPrompt: [],
    keywords: draft.keywords,
    roles: [],
    steps: draft.steps,
    handlers: draft.handlers,
    directory,
  }
  const playbook = { file: resolve(file), directory, plays: [play] }
  return { playbook, warnings: [...told, ...draft.warnings], loader: noIncludes, modules }
}

/** The order of cloud-init's own modules (init, config, final), but for byobu. */
function compose(root: MapNode, draft: Draft, { forceCommands: force }: CloudConfigPlayOptions): void {
  const value = (name: string) => root.get(name)
  const each = (name: string, convert: (node: NonNullable<ReturnType<typeof value>>, draft: Draft) => void) => {
    const node = value(name)
    if (node && !(node.kind === 'scalar' && node.value === null)) convert(node, draft)
  }
  each('bootcmd', node => commands('bootcmd', node, draft, { force }))
  each('write_files', node => writeFiles(node, draft, { deferred: false }))
  hostname(root, draft)
  each('ca_certs', certificates)
  each('groups', groups)
  each('users', users)
  each('ssh_authorized_keys', loginKeys)
  each('locale', locale)
  each('ssh_pwauth', passwordLogin)
  each('apt', apt)
  each('timezone', timezone)
  // what was told to handlers is in force before packages are installed
  draft.flush(root.at)
  packages(root, draft)
  // a package of its own: the lists are there by now
  each('byobu_by_default', byobu)
  each('write_files', node => writeFiles(node, draft, { deferred: true }))
  each('runcmd', node => commands('runcmd', node, draft, { force }))
}

/** Refuses keys that bring a state which play cannot bring; names those that are left out. What cloud-init ignores, so does play. */
function sortKeys(root: MapNode, draft: Draft): void {
  for (const { key } of root.entries) {
    const name = keyText(key)
    if (PLAYED.includes(name) || !topLevelKeys.includes(name)) continue
    if (FIRST_BOOT.includes(name)) {
      draft.warnings.push({ message: `\`${name}\` is for the first boot, and is left out`, at: key.at })
    } else
      draft.refuse(`\`${name}\` cannot be played`, key, 'take it out of the file that you play, or write a playbook')
  }
}

function rootOf(file: string, publicKey: string | undefined): MapNode {
  const shown = shownPath(file)
  const text = unpacked(readFileSync(file))
  const [config, second] = cloudConfigs(text, shown)
  if (config === undefined || second)
    throw unplayable(shown, 'only a single #cloud-config can be played', firstLine(text, shown))
  if (config.isTemplate)
    throw unplayable(shown, "a template of cloud-init's own cannot be played", firstLine(text, shown))
  const lines = config.text.split('\n')
  const wantsKey = lines.findIndex(line => line.includes(KEY_PLACEHOLDER) && !/^\s*#/.test(line))
  if (wantsKey !== -1 && publicKey === undefined) {
    const line = lines[wantsKey] ?? ''
    const place = { file: shown, line: wantsKey + 1, column: line.indexOf(KEY_PLACEHOLDER) + 1, text: line }
    throw new MlopsError('cloud-config.no-key', `there is no cluster key for ${KEY_PLACEHOLDER}`, {
      at: { ...place, length: KEY_PLACEHOLDER.length },
      hint: 'play within the project that made the servers, or write the key itself',
    })
  }
  const { root } = parseOne(config.text.replaceAll(KEY_PLACEHOLDER, publicKey ?? ''), shown)
  if (root.kind === 'map') return root
  throw unplayable(shown, 'there is nothing in this file', root.at)
}

function unplayable(file: string, message: string, at: Position): MlopsError {
  return new MlopsError('cloud-config.unplayable', `${file}: ${message}`, { at })
}

function firstLine(text: string, file: string): Position {
  return { file, line: 1, column: 1, text: text.split('\n')[0] ?? '' }
}

/** The modules of playbooks, and the two that only a cloud-config needs. */
function withOwn(modules: ModuleRegistry): ModuleRegistry {
  const own: Readonly<Record<string, Module>> = { cloud_init_commands: runCommands, cloud_init_append: appendText }
  return { find: name => own[name] ?? modules.find(name), names: () => modules.names() }
}

const noIncludes: IncludeLoader = {
  tasks: () => nothing(),
  role: () => nothing(),
  vars: () => nothing(),
}

function nothing(): never {
  throw new Error('a cloud-config includes nothing')
}
