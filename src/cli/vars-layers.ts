import { dirname, resolve } from 'node:path'
import { NameSpace, type Names } from '../engine/context.ts'
import { HostState } from '../engine/host-state.ts'
import { recallFacts } from '../engine/kept-facts.ts'
import { MlopsError, type Position } from '../errors.ts'
import type { Host } from '../inventory/inventory.ts'
import { hostOf, select } from '../inventory/pattern.ts'
import { didYouMean } from '../near.ts'
import { type LoadedPlaybook, loadPlaybook } from '../playbook/load.ts'
import type { Play } from '../playbook/types.ts'
import { type Layer, LayeredScope, written } from '../variables/variables.ts'
import { MASK, revealed } from '../vault/revealed.ts'
import { vaultText } from '../vault/value.ts'
import { factCache } from './fact-cache.ts'
import { modulesFor } from './library.ts'
import { openSession, type ReachFlags, runOptions, type Session } from './session.ts'
import { pythonLine } from './vars-text.ts'

/** Flags of `mlops vars`. */
export interface VarsFlags extends ReachFlags {
  readonly playbook?: string
  readonly json?: boolean
}

interface Setting {
  readonly level: string
  readonly origin: string
  readonly at: string | undefined
  readonly value: unknown
}

/** The text of `mlops vars`: all layers of one name, or the winners of all names. */
export async function showVars(hostName: string, name: string | undefined, flags: VarsFlags): Promise<string> {
  const session = openSession(flags, flags.playbook === undefined ? process.cwd() : dirname(resolve(flags.playbook)))
  const names = await namesOf(hostName, session, flags)
  const scope = names.scope
  if (!(scope instanceof LayeredScope)) throw new Error('the names of a host are layers')
  if (name === undefined) return allNames(scope, flags)
  const all = scope.explain(name).map(layer => settingOf(layer, name))
  // a folder that is both the inventory's and the playbook's is read twice
  const settings = all.filter((setting, i) => i === 0 || setting.at === undefined || setting.at !== all[i - 1]?.at)
  if (settings.length === 0) {
    throw new MlopsError('vars.undefined', `nothing sets \`${name}\` for ${hostName}`, {
      hint: didYouMean(name, [...scope.names()]),
    })
  }
  if (flags.json) return json({ name, settings })
  return [`${name} = ${opened(names, name)}`, ...columns(settings.map(row)), ''].join('\n')
}

/** What sets them, for each name of people; what the tool itself gives to every host is left out. */
function allNames(scope: LayeredScope, flags: VarsFlags): string {
  const winners = [...scope.names()].sort().flatMap(name => {
    const [layer] = scope.explain(name)
    return layer === undefined || layer.level === 'magic' || name === 'ansible_facts' || name.startsWith('inventory_')
      ? []
      : [{ name, ...settingOf(layer, name) }]
  })
  if (flags.json) return json(winners)
  return columns(winners.map(setting => [setting.name, ...row(setting)]))
    .map(line => `${line.trimStart()}\n`)
    .join('')
}

async function namesOf(hostName: string, session: Session, flags: VarsFlags): Promise<Names> {
  const { inventory } = session
  const host = hostOf(inventory, hostName)
  if (host === undefined) {
    throw new MlopsError('inventory.no-host', `there is no host \`${hostName}\` in the inventory`, {
      hint: didYouMean(hostName, inventory.hosts.keys()),
    })
  }
  const cache = factCache(session.settings, message => process.stderr.write(`warning: ${message}\n`))
  const stateFor = (each: Host) => recallFacts(new HostState(each), cache)
  const states = new Map([...inventory.hosts.values()].map(each => [each.name, stateFor(each)]))
  const state = states.get(hostName) ?? stateFor(host)
  const options = runOptions(flags, session)
  const nameSpace = new NameSpace({ playbookDirectory: process.cwd(), options, states, inventory })
  if (flags.playbook === undefined) return nameSpace.names(state)
  const loaded = loadPlaybook(flags.playbook, {
    modules: await modulesFor(resolve(dirname(flags.playbook)), session.settings),
    extraVars: options.extraVars,
    rolesPath: session.settings.rolesPath,
    collectionsPath: session.settings.collectionsPath,
  })
  const play = playOf(loaded, hostName, session)
  const near = inventory.beside?.(play.directory) ?? inventory
  for (const each of [near.localhost, ...near.hosts.values()]) {
    if (each.name === state.name) state.regroup(each)
    else states.get(each.name)?.regroup(each)
  }
  const layers = playLayers(loaded, play, nameSpace.names(state))
  return nameSpace.names(state, {
    play,
    view: { name: play.name, directory: play.directory, roles: play.roles, batch: [state], all: [state] },
    playLayers: new Map([[state, layers]]),
  })
}

/** The first play that is for this host. */
function playOf({ playbook }: LoadedPlaybook, host: string, { inventory }: Session): Play {
  const play = playbook.plays.find(each =>
    select(inventory, each.hosts.value, { allowEmpty: true }).hosts.includes(host),
  )
  if (play) return play
  throw new MlopsError('vars.no-play', `no play of ${playbook.file} is for ${host}`)
}

function playLayers({ loader }: LoadedPlaybook, play: Play, names: Names): Layer[] {
  const files = play.varsFiles.flatMap(({ value, at }) => {
    const [first] = typeof value === 'string' ? [value] : value
    if (first === undefined) return []
    const vars = loader.vars(resolve(play.directory, String(names.open(first, at))))
    return [written('vars_files', `vars_files ${vars.at.file}`, vars.value, () => vars.at)]
  })
  return [written('play vars', `vars of play ${play.name}`, play.vars.value, () => play.vars.at), ...files]
}

function settingOf(layer: Layer, name: string): Setting {
  const value = layer.vars[name]
  const shown = vaultText(value) === undefined ? hidden(value) : MASK
  return { level: layer.level, origin: layer.origin, at: placeOf(layer.at?.(name)), value: shown }
}

function hidden(value: unknown): unknown {
  return revealed.size === 0 ? value : JSON.parse(revealed.hide(JSON.stringify(value ?? null)))
}

function json(value: unknown): string {
  return `${JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item), 2)}\n`
}

function placeOf(at: Position | undefined): string | undefined {
  return at && `${at.file}:${at.line}:${at.column}`
}

/** The value as a task would see it; as it is written where it needs what is only known while playing. */
function opened(names: Names, name: string): string {
  try {
    return revealed.hide(pythonLine(names.variable(name)))
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error
    return `(not known before the play: ${error.message})`
  }
}

function row({ value, origin, at, level }: Setting): string[] {
  const text = pythonLine(value).replaceAll('\n', '\\n')
  return [text.length > 60 ? `${text.slice(0, 59)}…` : text, level, at ?? origin]
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((most, cells) => cells.map((cell, i) => Math.max(most[i] ?? 0, cell.length)), [])
  return rows.map(cells => `  ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd())
}
