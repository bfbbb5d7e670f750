import type { MlopsError } from '../errors.ts'
import { keyText, type MapNode } from '../source/node.ts'
import type { KeywordType } from './keyword-table.ts'
import { inherit, readKeywords } from './keywords.ts'
import type { Context } from './session.ts'
import type { Task } from './types.ts'
import { isEmpty, text } from './values.ts'

interface Place {
  readonly context: Context
  readonly table: Readonly<Record<string, KeywordType>>
}

/**
 * The steps of a task. One that needs what this program has not, but stands under a `when` or is a handler of a role, may never be
 * asked for: roles serve many systems. It is told as a warning, and fails if its turn comes.
 */
export function loadSpared<S>(
  item: MapNode,
  { context, table, ofHandlers = false }: Place & { readonly ofHandlers?: boolean },
  load: () => S[],
): (S | Task)[] {
  const { problems, modules } = context.session
  const before = problems.errors.length
  const steps = load()
  const found = problems.errors.slice(before)
  const conditional = context.keywords.when.length > 0 || !isEmpty(item.get('when'))
  const notified = ofHandlers && context.role !== undefined
  if (found.length === 0 || !(conditional || notified) || isOfOthers(item) || !found.every(isLack)) return steps
  if (!modules.find('fail')) return steps
  problems.errors.length = before
  for (const { message, at } of found) {
    const then = conditional ? 'the task fails if its condition is met' : 'the handler fails if it is notified'
    problems.warn(`${message}; ${then}`, at ?? item.at)
  }
  return [failing(item, { context, table }, found[0]?.message ?? '')]
}

/** Imports and includes: their tasks are spared one by one. */
function isOfOthers(item: MapNode): boolean {
  return item.entries.some(({ key }) => /(?:^|\.)(?:import|include)(?:_|$)/.test(keyText(key)))
}

/** Whether an error says that something of Ansible's is not here, and not that something is written wrongly. */
function isLack({ code, message }: MlopsError): boolean {
  const [, name = ''] = /`([^`]+)`/.exec(message) ?? []
  const ofCollection = name.split('.').length > 2 && !name.startsWith('ansible.builtin.')
  switch (code) {
    case 'playbook.absent-module':
    case 'module.unsupported-argument':
    case 'template.unsupported':
      return true
    case 'playbook.unknown-module':
    case 'template.unknown':
      return ofCollection
    default:
      return false
  }
}

function failing(item: MapNode, { context, table }: Place, message: string): Task {
  const { session, directory, role } = context
  const { problems } = session
  const before = problems.errors.length
  const name = text(item.get('name'), 'name', problems)?.value
  const keywords = inherit(context.keywords, readKeywords(item, table, problems))
  problems.errors.length = before
  return {
    kind: 'task',
    id: session.nextId('task'),
    at: item.at,
    keywords,
    directory,
    ...(role ? { role } : {}),
    ...(name === undefined ? {} : { name }),
    module: 'fail',
    moduleAsWritten: writtenModule(item, table),
    args: { msg: message },
    argAt: () => item.at,
    until: [],
    changedWhen: [],
    failedWhen: [],
    notify: [],
  }
}

/** The module as the task names it. */
function writtenModule(item: MapNode, table: Readonly<Record<string, KeywordType>>): string {
  const keys = item.entries.map(({ key }) => keyText(key))
  const action = item.get('action') ?? item.get('local_action')
  if (action?.kind === 'scalar') return String(action.value).trim().split(/\s/)[0] || 'fail'
  const named = action?.kind === 'map' ? action.get('module') : undefined
  if (named?.kind === 'scalar') return String(named.value)
  return keys.find(key => !Object.hasOwn(table, key) && !key.startsWith('with_')) ?? 'fail'
}
