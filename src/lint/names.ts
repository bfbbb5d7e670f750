import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { MlopsError, type Position } from '../errors.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { didYouMean } from '../near.ts'
import { flatten } from '../playbook/list.ts'
import type { Condition, IncludeLoader, Play, Playbook, Role, Step, Task, Written } from '../playbook/types.ts'
import { freeNames } from '../template/free-names.ts'
import { globalNames } from '../template/globals.ts'
import { finding } from './finding.ts'

/** A text of a play that may read variables. */
interface Reading {
  readonly text: string
  readonly bare: boolean
  readonly at: Position
  /** Names that only stand here: loop variables, vars of the task. */
  readonly local: readonly string[]
}

const MAGIC = [
  'environment',
  'group_names',
  'groups',
  'hostvars',
  'inventory_dir',
  'inventory_file',
  'inventory_hostname',
  'inventory_hostname_short',
  'omit',
  'play_hosts',
  'playbook_dir',
  'role_name',
  'role_names',
  'role_path',
  'vars',
]

/** Names that a play reads and nothing sets. Silent where variables may come from what is only known while playing. */
export function undefinedNames(
  play: Play,
  {
    earlier,
    inventory,
    extraVars,
    loader,
  }: {
    /** The plays before this one, whose facts and results its hosts still have. */
    earlier: readonly Play[]
    inventory: Inventory
    extraVars: Readonly<Record<string, unknown>>
    loader: IncludeLoader
  },
): MlopsError[] {
  const known = knownNames(play, inventory, loader)
  const told = namesByTasks([...earlier, play])
  if (known === undefined || told === undefined) return []
  for (const name of told) known.add(name)
  for (const name of Object.keys(extraVars)) known.add(name)
  const all = readings(play).map(reading => ({ reading, names: freeNames(reading.text, reading.bare) }))
  const guarded = new Set(all.flatMap(({ names }) => [...names.guarded]))
  const isKnown = (name: string, { local }: Reading) =>
    known.has(name) || guarded.has(name) || local.includes(name) || /^(ansible|getent|mlops)_/.test(name)
  return all.flatMap(({ reading, names }) =>
    [...names.read]
      .filter(name => !isKnown(name, reading))
      .map(name =>
        finding(
          'undefined',
          `nothing sets \`${name}\``,
          reading.at,
          didYouMean(name, known) ?? 'set it in vars, the inventory or -e, or give it a default',
        ),
      ),
  )
}

/** Results that are registered and handlers that are named, and never used. Silent where tasks are included while playing. */
export function unusedNames({ plays }: Playbook, loader: IncludeLoader): MlopsError[] {
  if (plays.some(play => flatten(play.steps).some(step => step.kind === 'include'))) return []
  const read = new Set(
    plays
      .flatMap(play => [...texts(play), ...templateTexts(play), ...varsOf(play, loader)])
      .flatMap(({ text, bare }) => [...freeNames(text, bare).read, ...ofOtherHosts(text)]),
  )
  return plays.flatMap(play => [...unusedRegisters(play, read), ...unusedHandlers(play)])
}

/** The names that `hostvars[host].name` reads: what another host registered. */
function ofOtherHosts(text: string): string[] {
  const reads = text.matchAll(/\bhostvars\s*\[[^\]]*\]\s*(?:\.\s*|\[\s*['"])(\w+)/g)
  return [...reads].flatMap(([, name]) => name ?? [])
}

function unusedRegisters(play: Play, read: ReadonlySet<string>): MlopsError[] {
  return tasksOf(play).flatMap(task => {
    const { register } = task
    if (register === undefined || read.has(register) || register.startsWith('_')) return []
    return [
      finding(
        'unused',
        `nothing reads the registered \`${register}\``,
        task.argAt(),
        'leave `register` out, or begin its name with `_`',
      ),
    ]
  })
}

function unusedHandlers(play: Play): MlopsError[] {
  const notified = tasksOf(play).flatMap(task => task.notify.map(({ value }) => value))
  if (notified.some(name => name.includes('{{'))) return []
  return play.handlers.flatMap(handler => {
    const names = [
      handler.name,
      ...handler.listen.map(({ value }) => value),
      handler.role && `${handler.role.name} : ${handler.name}`,
    ]
    if (handler.role || names.some(name => name !== undefined && (notified.includes(name) || name.includes('{{'))))
      return []
    return [
      finding(
        'unused',
        `nothing notifies the handler \`${handler.name ?? (handler.kind === 'meta' ? 'meta' : handler.moduleAsWritten)}\``,
        handler.at,
        'notify names a handler, or a topic it listens to',
      ),
    ]
  })
}

/** Undefined when variables may come from elsewhere: included files and names that are templates. */
function knownNames(play: Play, inventory: Inventory, loader: IncludeLoader): Set<string> | undefined {
  const known = new Set<string>([...MAGIC, ...globalNames()])
  const add = (vars: Readonly<Record<string, unknown>>) => {
    for (const name of Object.keys(vars)) known.add(name)
  }
  for (const host of [...inventory.hosts.values(), inventory.localhost])
    for (const layer of host.layers) add(layer.vars)
  for (const { name } of play.varsPrompt) known.add(name)
  for (const role of rolesOf(play)) for (const { value } of [...role.defaults, ...role.vars, ...role.params]) add(value)
  add(play.vars.value)
  try {
    for (const file of varsFilesOf(play)) add(loader.vars(file).value)
  } catch (error) {
    if (error instanceof MlopsError) return undefined
    throw error
  }
  return play.varsFiles.some(({ value }) => String(value).includes('{{')) ? undefined : known
}

/** What tasks register and set; undefined when what they set is only known while playing. */
function namesByTasks(plays: readonly Play[]): Set<string> | undefined {
  const known = new Set<string>()
  const opens = ['include_vars', 'group_by', 'add_host', 'action']
  if (plays.some(play => flatten(play.steps).some(step => step.kind === 'include'))) return undefined
  for (const task of plays.flatMap(tasksOf)) {
    if (opens.includes(task.module)) return undefined
    if (task.register !== undefined) known.add(task.register)
    if (task.module !== 'set_fact') continue
    if (task.argsTemplate || Object.keys(task.args).some(name => name.includes('{{'))) return undefined
    for (const name of Object.keys(task.args)) known.add(name)
  }
  return known
}

function tasksOf(play: Play): Task[] {
  return [...flatten(play.steps), ...play.handlers].filter((step): step is Task => step.kind === 'task')
}

function rolesOf(play: Play): Role[] {
  const roles = new Set<Role>()
  const add = (role: Role) => {
    if (roles.has(role)) return
    roles.add(role)
    role.dependencies.forEach(add)
  }
  play.roles.forEach(add)
  return [...roles]
}

function varsFilesOf(play: Play): string[] {
  return play.varsFiles
    .flatMap(({ value }) => (typeof value === 'string' ? [value] : value.slice(0, 1)))
    .map(file => resolve(play.directory, file))
}

/** What tasks of a play say themselves. */
function readings(play: Play): Reading[] {
  const around = blockLoopNames(play.steps)
  return tasksOf(play).flatMap(task => {
    const { loop } = task
    const vars = task.keywords.vars.flatMap(({ value }) => Object.keys(value))
    const local = [...vars, ...around, ...(loop ? [loop.control.loopVar, loop.control.indexVar ?? 'item'] : []), 'item']
    const conditions = [...task.keywords.when, ...task.until, ...task.changedWhen, ...task.failedWhen]
    return [
      ...Object.entries(task.args).flatMap(([name, value]) =>
        stringsIn(value).map(text => ({ text, bare: false, at: task.argAt(name), local })),
      ),
      ...conditions.flatMap(condition => ofCondition(condition, local)),
      ...(loop ? ofWritten(loop.items, local) : []),
    ]
  })
}

/** Names of the items of blocks that are repeated; taken to be known in the whole play. */
function blockLoopNames(steps: readonly Step[]): readonly string[] {
  return steps.flatMap(step => {
    if (step.kind !== 'block') return []
    const { loopVar, indexVar } = step.loop?.control ?? {}
    const own = [loopVar, indexVar].filter(name => name !== undefined)
    return [...own, ...blockLoopNames([...step.block, ...step.rescue, ...step.always])]
  })
}

/** All texts of a play, those of its keywords and roles, too. */
function texts(play: Play): Reading[] {
  const written = tasksOf(play).flatMap(({ keywords, args, notify, loop, name, retries, delay }) => [
    ...keywords.vars,
    ...keywords.environment,
    ...Object.values(keywords).filter(isWritten),
    ...notify,
    ...[retries, delay, loop?.control.label, loop?.control.pause].filter(isWritten),
    ...(name === undefined ? [] : [{ value: name, at: play.at }]),
    // `that`, `var` and the like hold expressions without braces
    ...stringsIn(args).map(value => ({ value: `{{ ${value} }}`, at: play.at })),
  ])
  return [...readings(play), ...[...written, play.vars].flatMap(each => ofWritten(each, []))]
}

function varsOf(play: Play, loader: IncludeLoader): Reading[] {
  const files = varsFilesOf(play).flatMap(file => {
    try {
      return [loader.vars(file)]
    } catch (error) {
      if (error instanceof MlopsError) return []
      throw error
    }
  })
  const roles = rolesOf(play).flatMap(role => [...role.defaults, ...role.vars, ...role.params])
  return [...files, ...roles].flatMap(each => ofWritten(each, []))
}

/** The template files of a play and its roles. */
function templateTexts(play: Play): Reading[] {
  const folders = [
    play.directory,
    join(play.directory, 'templates'),
    ...rolesOf(play).map(role => join(role.path, 'templates')),
  ]
  return folders.flatMap(folder =>
    filesIn(folder)
      .filter(file => folder !== play.directory || file.endsWith('.j2'))
      .map(file => ({ text: readFileSync(file, 'utf8'), bare: false, at: play.at, local: [] })),
  )
}

function filesIn(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return []
  return readdirSync(folder)
    .map(name => join(folder, name))
    .filter(file => statSync(file).isFile())
}

function isWritten(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && 'value' in value && 'at' in value
}

function ofCondition({ value, at }: Condition, local: readonly string[]): Reading[] {
  return typeof value === 'string' ? [{ text: value, bare: true, at, local }] : []
}

function ofWritten({ value, at }: Written, local: readonly string[]): Reading[] {
  return stringsIn(value).map(text => ({ text, bare: false, at, local }))
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(stringsIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => [key, ...stringsIn(item)])
}
