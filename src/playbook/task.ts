import { type Module, runsAsync } from '../modules/module.ts'
import { checkArgs } from '../schema/check-args.ts'
import type { MapNode, ScalarNode, SourceNode } from '../source/node.ts'
import type { Action } from './action.ts'
import { parametersOf } from './former-include.ts'
import type { KeywordType } from './keyword-table.ts'
import { inherit, readKeywords } from './keywords.ts'
import { readLoop } from './loop.ts'
import { defaultsFor } from './module-defaults.ts'
import type { Context } from './session.ts'
import { checkExpression } from './templates.ts'
import type { Keywords, Task, Written } from './types.ts'
import { conditions, isEmpty, keyword, text, texts } from './values.ts'

/** A task that runs a module. Undefined when its module is not known, which was told. */
export function loadTask(
  item: MapNode,
  action: Action,
  { context, table }: { context: Context; table: Readonly<Record<string, KeywordType>> },
): Task | undefined {
  const { session } = context
  const { problems } = session
  const { module } = action
  const own = taskKeywords(item, action, { table, context })
  const keywords = inherit(context.keywords, own)
  const name = text(item.get('name'), 'name', problems)?.value
  const loop = readLoop(item, problems, { parallel: true })
  const register = readRegister(item.get('register'), context)
  const retries = keyword(item, 'retries', { type: 'int', problems })
  const delay = keyword(item, 'delay', { type: 'float', problems })
  const { async, poll } = readAsync(item, module, context)
  const task = {
    until: conditions(item.get('until'), 'until', problems),
    changedWhen: conditions(item.get('changed_when'), 'changed_when', problems),
    failedWhen: conditions(item.get('failed_when'), 'failed_when', problems),
    notify: [...context.notify, ...texts(item.get('notify'), 'notify', { problems })],
  }
  const { moduleTemplate } = action
  if (module === undefined && moduleTemplate === undefined) return undefined
  const bare = module === undefined ? 'action' : session.bareName(module, action.asWritten)
  if (module !== undefined) checkArguments(module, action, { bare, keywords, context })
  return {
    kind: 'task',
    id: session.nextId('task'),
    at: item.at,
    keywords,
    directory: context.directory,
    ...(context.role ? { role: context.role } : {}),
    ...(name === undefined ? {} : { name }),
    module: bare,
    moduleAsWritten: module === undefined ? bare : action.asWritten,
    ...(moduleTemplate ? { moduleTemplate } : {}),
    args: action.args,
    argAt: argument => action.argAt(argument),
    ...(action.argsTemplate ? { argsTemplate: action.argsTemplate } : {}),
    ...(loop ? { loop } : {}),
    ...(register === undefined ? {} : { register }),
    ...task,
    ...(retries ? { retries } : {}),
    ...(delay ? { delay } : {}),
    ...(async ? { async } : {}),
    ...(poll ? { poll } : {}),
  }
}

/** Keywords of a task itself; `local_action` delegates to the controller. */
export function taskKeywords(
  item: MapNode,
  action: Action,
  { table, context }: { table: Readonly<Record<string, KeywordType>>; context: Context },
): Keywords {
  const read = readKeywords(item, table, context.session.problems)
  const own = action.former ? inherit(read, parametersOf(action)) : read
  return action.local ? { ...own, delegateTo: { value: 'localhost', at: action.at } } : own
}

/** The name that takes a step's result. */
export function readRegister(node: SourceNode | undefined, { session: { problems } }: Context): string | undefined {
  const register = text(node, 'register', problems)
  if (register === undefined) return undefined
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(register.value)) {
    const hint = 'names have letters, digits and `_`, and do not begin with a digit'
    problems.error('variable-name', `\`${register.value}\` cannot be a variable's name`, { at: register.at, hint })
  }
  return register.value
}

/** `async` and `poll`. A module that cannot run as a job is told of. */
function readAsync(
  item: MapNode,
  module: Module | undefined,
  { session: { problems } }: Context,
): { async?: Written | undefined; poll?: Written | undefined } {
  const async = keyword(item, 'async', { type: 'int', problems })
  const poll = keyword(item, 'poll', { type: 'int', problems })
  if (Number(async?.value) > 0 && module !== undefined && !runsAsync(module)) {
    problems.error('unsupported', 'this module cannot run asynchronously', {
      at: item.entry('async')?.key.at,
      hint: module.kind === 'controller' ? 'it runs on the controller: leave `async` out' : 'leave `async` out',
    })
  }
  return { async, poll }
}

function checkArguments(
  module: Module,
  action: Action,
  { bare, keywords, context }: { bare: string; keywords: Keywords; context: Context },
): void {
  const { problems } = context.session
  if (module.kind === 'controller') {
    for (const name of module.expressions ?? []) checkArgumentExpressions(action.argNode(name), context)
  }
  if (module.freeArgs) {
    for (const message of module.check?.({}) ?? [])
      problems.error('module.argument', `${bare}: ${message}`, { at: action.at })
    return
  }
  const defaults = defaultsFor(keywords.moduleDefaults, { module: bare, asWritten: action.asWritten })
  const elsewhere = defaults.flatMap(({ value, at }) => {
    if (typeof value !== 'object' || value === null) return ['all']
    const given = { args: { ...value }, at: () => at, elsewhere: 'all' as const }
    problems.add(checkArgs(`${bare} (by module_defaults)`, module, given))
    return Object.keys(value)
  })
  const any = action.argsTemplate !== undefined || elsewhere.includes('all')
  problems.add(checkArgs(bare, module, { args: action.args, at: action.argAt, elsewhere: any ? 'all' : elsewhere }))
}

function checkArgumentExpressions(node: SourceNode | undefined, context: Context): void {
  if (node === undefined || isEmpty(node)) return
  const isText = (part: SourceNode): part is ScalarNode => part.kind === 'scalar' && typeof part.value === 'string'
  for (const part of node.kind === 'seq' ? node.items : [node]) {
    if (!isText(part) || /\{[{%]/.test(String(part.value))) continue
    context.session.problems.add(checkExpression(String(part.value), part))
  }
}
