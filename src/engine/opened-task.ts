import { textOf } from '../bytes.ts'
import type { Become, Connection, ConnectionTarget, ScriptRequest } from '../connection/connection.ts'
import { type Inputs, type Module, ModuleFailure, type Needs } from '../modules/module.ts'
import { defaultsFor } from '../playbook/module-defaults.ts'
import type { Task } from '../playbook/types.ts'
import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { coerceArgs } from '../schema/coerce.ts'
import { pythonText } from '../schema/python-text.ts'
import type { Script } from '../shell/sh.ts'
import { encode, fileNames, omit, plain, render, usualMarks, withNames } from '../template/template.ts'
import { readPlain } from '../vault/keyring.ts'
import type { Names } from './context.ts'
import type { HostState } from './host-state.ts'
import { find, modeOf, readTree, searchFolders } from './local-files.ts'
import { truth } from './truth.ts'
import type { PlayWorld } from './world.ts'

/** A task with everything that its text needs put in for one host: ready to look. */
export interface OpenedTask {
  readonly module: Exclude<Module, { kind: 'controller' }>
  readonly args: ArgsOf<ArgTable>
  readonly inputs: Inputs
  readonly target: ConnectionTarget
  readonly become: Become | undefined
  readonly environment: Readonly<Record<string, string>> | undefined
  readonly timeoutMs: number | undefined
  connect(): Promise<Connection>
}

/** Opens a task of a module that works on a host. Throws MlopsError (undefined names), ModuleFailure (bad values, files that are not there). */
export function openTask(world: PlayWorld, task: Task, names: Names, on: HostState, lane = 0): OpenedTask {
  const module = world.run.modules.find(task.module)
  if (module === undefined || module.kind === 'controller')
    throw new ModuleFailure(`${task.module} does not run on a host`)
  const args = openArgs(world, module, task, names)
  const { checkMode, diffMode } = modes(world, task, names)
  const reader =
    on.name === names.variable('inventory_hostname')
      ? names.reader
      : { ...names.reader, variable: world.nameSpace.names(on).reader.variable }
  const target = world.connections.target(on.name, reader)
  const inputs: Inputs = {
    checkMode,
    diffMode,
    host: { name: on.name, address: target.address, connection: target.type },
    facts: on.facts,
    ...needed(world, module, args, task, names),
  }
  return {
    module,
    args,
    inputs,
    target,
    become: world.connections.become(target, reader),
    environment: withJobFolder(module, task, names),
    timeoutMs: limit(task, names),
    connect: () => world.connections.lane(on.name, reader, lane),
  }
}

/** The arguments of a task, opened, completed by module_defaults, and of the types that the module wants. */
export function openArgs(
  world: PlayWorld,
  module: Module,
  task: Task,
  names: Names,
  closed: readonly string[] = [],
): ArgsOf<ArgTable> {
  const raw: Record<string, unknown> = {}
  const named = { module: task.module, asWritten: task.moduleAsWritten }
  for (const { value, at } of defaultsFor(task.keywords.moduleDefaults, named))
    Object.assign(raw, names.open(value, at))
  if (task.argsTemplate) Object.assign(raw, names.written(task.argsTemplate))
  for (const [written, value] of Object.entries(task.args)) {
    const at = task.argAt(written)
    // names of variables may be templates, too
    const name = module.freeArgs ? String(names.open(written, at)) : written
    raw[name] = closed.includes(name) ? value : names.open(value, at)
  }
  for (const [name, value] of Object.entries(raw)) if (value === omit) delete raw[name]
  if (module.kind === 'controller' && module.freeArgs) return raw as ArgsOf<ArgTable> // checked by the module itself
  if (module.freeArgs) return withoutFloats(raw) as ArgsOf<ArgTable> // checked by the module itself
  const { args: coerced, problems } = coerceArgs(module.args, raw)
  const args = withoutFloats(coerced, module.args)
  if (problems.length > 0) throw new ModuleFailure(problems.join('; '))
  const conflicts = module.check?.(args) ?? []
  if (conflicts.length > 0) throw new ModuleFailure(conflicts.join('; '))
  hideSecrets(world, module.args, args)
  return args as ArgsOf<ArgTable> // coerceArgs filled in what the table says
}

/** Values as JSON has them. What is text by now has its `1.0`; arguments that are `exact` keep theirs. */
function withoutFloats(args: Readonly<Record<string, unknown>>, table: ArgTable = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [name, table[name]?.exact ? value : plain(value)]),
  )
}

/** `check_mode` and `diff` of a task, else of the run. */
export function modes(world: PlayWorld, task: Task, names: Names): { checkMode: boolean; diffMode: boolean } {
  const { checkMode, diff } = task.keywords
  return {
    checkMode: checkMode ? truth(names.written(checkMode)) : world.run.options.checkMode,
    diffMode: diff ? truth(names.written(diff)) : world.run.options.diffMode,
  }
}

/** The request that a look becomes, and the key under which its answer is kept. */
export function lookRequest(opened: OpenedTask, script: Script): { key: string; request: ScriptRequest } {
  const { become, environment, timeoutMs } = opened
  return {
    key: `${identity(become)}\n${JSON.stringify(environment ?? {})}\n${script.text}`,
    request: { script, become, environment, timeoutMs, look: true },
  }
}

/** Two scripts of the same identity run in the same shell, one after the other. */
export function identity(become: Become | undefined): string {
  return become ? [become.method, become.user, become.flags, become.exe].join(' ') : ''
}

function hideSecrets(world: PlayWorld, table: ArgTable, args: Readonly<Record<string, unknown>>): void {
  for (const [name, spec] of Object.entries(table)) if (spec.secret) world.secrets.add(args[name])
}

function needed(
  world: PlayWorld,
  module: OpenedTask['module'],
  args: ArgsOf<ArgTable>,
  task: Task,
  names: Names,
): Pick<Inputs, 'files' | 'template'> {
  const needs = module.needs?.(args)
  if (needs === undefined) return {}
  const answer: { files?: NonNullable<Inputs['files']>; template?: NonNullable<Inputs['template']> } = {}
  if (needs.files) {
    const source = find(needs.files.src, searchFolders(task, world.play, needs.files.searchIn))
    world.run.options.onRead?.(source)
    answer.files = { source, ...readTree(source, needs.files) }
  }
  if (needs.template) {
    answer.template = rendered(needs.template, searchFolders(task, world.play, 'templates'), names)
    world.run.options.onRead?.(answer.template.source)
  }
  return answer
}

function rendered(
  { src, marks, encoding = 'utf-8', destination, ...how }: NonNullable<Needs['template']>,
  folders: readonly string[],
  names: Names,
): NonNullable<Inputs['template']> {
  const source = find(src, folders)
  const given = Object.fromEntries(Object.entries(marks ?? {}).filter(([, mark]) => mark))
  const own = fileNames(source, { name: src, destination, managed: names.options.managed })
  const text = render(textOf(readPlain(source)), withNames(names.scope, own), {
    ...names.options,
    ...how,
    ...(Object.keys(given).length > 0 ? { marks: { ...usualMarks, ...given } } : {}),
    at: { file: source, line: 1, column: 1 },
  })
  return { source, text, bytes: encode(text, encoding), mode: modeOf(source) }
}

function environment(task: Task, names: Names): Readonly<Record<string, string>> | undefined {
  const merged: Record<string, string> = {}
  for (const layer of task.keywords.environment) {
    const value = names.written(layer)
    for (const part of Array.isArray(value) ? value : [value]) {
      for (const [name, text] of Object.entries((part as Record<string, unknown> | null) ?? {}))
        merged[name] = text === null || text === undefined ? '' : pythonText(text)
    }
  }
  return Object.keys(merged).length > 0 ? merged : undefined
}

/** Where jobs lie is told by a variable, too (`ansible_async_dir`). */
function withJobFolder(module: Module, task: Task, names: Names): Readonly<Record<string, string>> | undefined {
  const own = environment(task, names)
  const asks = task.async !== undefined || (module.kind === 'action' && module.asksJob !== undefined)
  const folder = asks ? names.variable('ansible_async_dir') : undefined
  return folder === undefined ? own : { ANSIBLE_ASYNC_DIR: String(folder), ...own }
}

function limit(task: Task, names: Names): number | undefined {
  const seconds = task.keywords.timeout ? Number(names.written(task.keywords.timeout)) : 0
  return seconds > 0 ? seconds * 1000 : undefined
}
