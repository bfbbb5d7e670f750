import { keyText, type MapNode, type SourceNode } from '../source/node.ts'
import type { Action } from './action.ts'
import { isFormerInclude } from './former-include.ts'
import { targetOf } from './imports.ts'
import { blockKeywords, includeKeywords, taskKeywords as table } from './keyword-table.ts'
import { inherit, noKeywords, readKeywords } from './keywords.ts'
import { readLoop } from './loop.ts'
import type { Context } from './session.ts'
import { readRegister, taskKeywords } from './task.ts'
import type { Include, Keywords, Step } from './types.ts'
import { isEmpty, refuseUnknown, text } from './values.ts'

/** `include_tasks`, `include_role`: a step that is opened while playing. */
export function loadInclude(item: MapNode, action: Action, context: Context): Step[] {
  const { session } = context
  const { problems } = session
  const former = item.entries.some(({ key }) => isFormerInclude(keyText(key)))
  if (!former) refuseLostKeywords(item, action, context)
  const own = taskKeywords(item, action, { table, context })
  const name = text(item.get('name'), 'name', problems)?.value
  const loop = readLoop(item, problems)
  const target = targetOf(action, action.own === 'include_role' ? ['name', 'role'] : ['file'], context)
  const register = readRegister(item.get('register'), context)
  const apply = former ? { ...own, when: [], vars: [] } : readApply(action.argNode('apply'), context)
  if (target === undefined) return []
  const { file: _, name: __, role: ___, _raw_params, ...options } = action.args
  const include: Include = {
    kind: 'include',
    id: session.nextId('include'),
    at: item.at,
    keywords: inherit(context.keywords, own),
    directory: context.directory,
    ...(context.role ? { role: context.role } : {}),
    ...(name === undefined ? {} : { name }),
    moduleAsWritten: action.asWritten,
    what: action.own === 'include_role' ? 'role' : 'tasks',
    target: { value: target.name, at: target.at },
    options,
    ...(loop ? { loop } : {}),
    ...(register === undefined ? {} : { register }),
    ...(own.vars[0] ? { vars: { ...own.vars[0], value: Object.assign({}, ...own.vars.map(vars => vars.value)) } } : {}),
  }
  session.includes.set(include.id, { context, own, apply, include })
  return [include]
}

/** Keywords of an include do not reach what it includes: one that would be lost is told. */
function refuseLostKeywords(item: MapNode, action: Action, { session: { problems } }: Context): void {
  for (const { key } of item.entries) {
    const name = keyText(key)
    if (!Object.hasOwn(table, name) || includeKeywords.has(name)) continue
    problems.error('include-keyword', `\`${name}\` has no meaning on ${action.asWritten}`, {
      at: key.at,
      hint: Object.hasOwn(blockKeywords, name)
        ? `to give it to the included tasks, write it under \`apply:\` of ${action.asWritten}`
        : 'write it on the included tasks',
    })
  }
}

function readApply(node: SourceNode | undefined, { session: { problems } }: Context): Keywords {
  if (node === undefined || isEmpty(node)) return noKeywords
  if (node.kind !== 'map') {
    problems.error('keyword-type', '`apply` must be a mapping of keywords', { at: node.at })
    return noKeywords
  }
  const { block: _, rescue: __, always: ___, loop: ____, loop_control: _____, ...known } = blockKeywords
  refuseUnknown(node, '`apply`', { known: Object.keys(known), problems })
  return readKeywords(node, known, problems)
}
