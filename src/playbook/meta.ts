import { didYouMean } from '../near.ts'
import type { MapNode } from '../source/node.ts'
import type { Action } from './action.ts'
import { taskKeywords as table } from './keyword-table.ts'
import { inherit } from './keywords.ts'
import type { Context } from './session.ts'
import { taskKeywords } from './task.ts'
import type { Meta, Step } from './types.ts'
import { text } from './values.ts'

const verbs: readonly Meta['verb'][] = [
  'flush_handlers',
  'refresh_inventory',
  'noop',
  'clear_facts',
  'clear_host_errors',
  'end_play',
  'end_host',
  'end_batch',
  'end_role',
  'reset_connection',
]

/** `meta: …`. */
export function loadMeta(item: MapNode, action: Action, context: Context): Step[] {
  const { problems } = context.session
  const word = String(action.args._raw_params ?? '').trim()
  const verb = verbs.find(known => known === word)
  const keywords = inherit(context.keywords, taskKeywords(item, action, { table, context }))
  const name = text(item.get('name'), 'name', problems)?.value
  if (verb === undefined) {
    problems.error('meta', `unknown meta action \`${word}\``, {
      at: action.argAt('_raw_params'),
      hint: didYouMean(word, verbs) ?? `meta actions: ${verbs.join(', ')}`,
    })
    return []
  }
  return [
    {
      kind: 'meta',
      id: context.session.nextId('meta'),
      at: item.at,
      keywords,
      directory: context.directory,
      ...(context.role ? { role: context.role } : {}),
      ...(name === undefined ? {} : { name }),
      verb,
    },
  ]
}
