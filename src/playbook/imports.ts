import { dirname } from 'node:path'
import { didYouMean } from '../near.ts'
import { shownPath } from '../source/load.ts'
import type { MapNode, SourceNode } from '../source/node.ts'
import type { Action } from './action.ts'
import { findTaskFile, taskFolders } from './files.ts'
import { taskKeywords as table } from './keyword-table.ts'
import { inherit } from './keywords.ts'
import { useRole } from './roles.ts'
import type { Context } from './session.ts'
import { staticName } from './static-names.ts'
import { taskKeywords } from './task.ts'
import type { Keywords, Role, Step } from './types.ts'

const effectless = ['register', 'until', 'retries', 'delay', 'changed_when', 'failed_when', 'async', 'poll']

/** The file of an `import_tasks`, with what its steps inherit. Undefined when it cannot be read, which is told. */
export function importTasks(
  item: MapNode,
  action: Action,
  context: Context,
): { node: SourceNode | undefined; context: Context } | undefined {
  const { problems } = context.session
  const own = importKeywords(item, action, context)
  const inner: Context = { ...context, keywords: inherit(context.keywords, own) }
  const target = targetOf(action, ['file'], context)
  const name = target && staticName(target.name, target.at, inner)
  if (!target || name === undefined) return undefined
  const file = findTaskFile(name, context)
  if (file === undefined) {
    const folders = taskFolders(context).map(shownPath).join(', ')
    problems.error('no-file', `there is no task file \`${name}\``, { at: target.at, hint: `looked in ${folders}` })
    return undefined
  }
  if (context.importing.includes(file)) {
    problems.error('import-cycle', `${shownPath(file)} imports itself`, {
      at: target.at,
      hint: 'a file that must call itself does so by include_tasks, with a `when` that ends it',
    })
    return undefined
  }
  const importing = [...context.importing, file]
  return { node: context.session.read(file), context: { ...inner, directory: dirname(file), importing } }
}

/** The steps of an `import_role`; its handlers and variables become known to the whole play. */
export function importRole(item: MapNode, action: Action, context: Context): Step[] {
  const own = importKeywords(item, action, context)
  const target = targetOf(action, ['name', 'role'], context)
  const name = target && staticName(target.name, target.at, { ...context, keywords: inherit(context.keywords, own) })
  if (!target || name === undefined) return []
  const use = {
    name,
    at: target.at,
    keywords: own,
    vars: own.vars,
    params: [],
    from: fromFiles(action.args),
    validate: action.args.rolespec_validate !== false,
    once: noDuplicates(action.args),
  }
  const used = useRole(use, context)
  if (used === undefined) return []
  expose(used.roles, `${target.at.file}:${target.at.line}:${target.at.column} ${name}`, context)
  context.play.importedHandlers.push(...used.handlers)
  return [...used.steps]
}

/** Makes variables known to the play. Those of a file that is included many times count once, as the last. */
function expose(roles: readonly Role[], key: string, { play }: Context): void {
  for (const role of play.importedRoles.get(key) ?? []) play.roles.splice(play.roles.indexOf(role), 1)
  play.importedRoles.set(key, roles)
  play.roles.push(...roles)
}

/** Whether `allow_duplicates` says that the same use is played once. */
export function noDuplicates(args: Readonly<Record<string, unknown>>): boolean {
  return /^(?:no|false)$/i.test(String(args['allow_duplicates']))
}

/** `tasks_from` and its like, without their endings' meaning: a name is looked for with each of YAML's. */
export function fromFiles(args: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    ['tasks', 'vars', 'defaults', 'handlers'].flatMap(folder => {
      const name = args[`${folder}_from`]
      return name === undefined || name === null ? [] : [[folder, String(name)]]
    }),
  )
}

const options: Readonly<Record<string, readonly string[]>> = {
  import_tasks: ['file'],
  include_tasks: ['file', 'apply'],
  import_role: roleOptions(),
  include_role: [...roleOptions(), 'apply'],
}

function roleOptions(): string[] {
  const from = ['tasks_from', 'vars_from', 'defaults_from', 'handlers_from']
  return ['name', 'role', ...from, 'public', 'allow_duplicates', 'rolespec_validate']
}

/** What an include or import names, from an argument or from free text. Unknown options are told. */
export function targetOf(
  action: Action,
  names: readonly string[],
  { session: { problems } }: Context,
): { name: string; at: Action['at'] } | undefined {
  const known = options[action.own ?? ''] ?? []
  for (const name of Object.keys(action.args)) {
    if (name === '_raw_params' || known.includes(name) || action.former) continue
    problems.error('unknown-option', `${action.asWritten} has no option \`${name}\``, {
      at: action.argAt(name, 'key'),
      hint: didYouMean(name, known) ?? 'variables for what is included are given under `vars:`',
    })
  }
  const given = [...names, '_raw_params'].find(name => (action.args[name] ?? '') !== '')
  if (given === undefined) {
    problems.error('no-target', `${action.asWritten} needs ${names[0] === 'file' ? 'a file' : 'a role'}`, {
      at: action.at,
    })
    return undefined
  }
  return { name: String(action.args[given]).trim(), at: action.argAt(given) }
}

function importKeywords(item: MapNode, action: Action, context: Context): Keywords {
  const { problems } = context.session
  for (const { key } of item.entries) {
    const name = String(key.value)
    if (name === 'loop' || name.startsWith('with_')) {
      problems.error('static-loop', `${action.asWritten} cannot be repeated: it is read before the play begins`, {
        at: key.at,
        hint: `write ${action.own === 'import_role' ? 'include_role' : 'include_tasks'}`,
      })
    } else if (effectless.includes(name)) {
      problems.warn(`\`${name}\` has no effect on ${action.asWritten}`, key.at)
    }
  }
  return taskKeywords(item, action, { table, context })
}
